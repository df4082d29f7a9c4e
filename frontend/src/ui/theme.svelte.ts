/** Light or dark: the reader's choice, else the system's. */

export type Choice = "auto" | "light" | "dark";
const KEY = "lucarne-theme";

class Theme {
  #choice = $state<Choice>(remembered());
  #system = $state<"light" | "dark">("light");

  constructor() {
    const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
    this.#system = dark?.matches ? "dark" : "light";
    dark?.addEventListener("change", ({ matches }) => (this.#system = matches ? "dark" : "light"));
    this.#tell();
  }

  get choice(): Choice {
    return this.#choice;
  }
  set choice(choice: Choice) {
    this.#choice = choice;
    this.#tell();
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // storage is switched off: the choice lasts as long as the page
    }
  }
  get shown(): "light" | "dark" {
    return this.#choice === "auto" ? this.#system : this.#choice;
  }

  #tell(): void {
    if (this.#choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#choice;
  }
}

function remembered(): Choice {
  try {
    const choice = localStorage.getItem(KEY);
    return choice === "light" || choice === "dark" ? choice : "auto";
  } catch {
    return "auto";
  }
}

export const theme = new Theme();
export const stillness = (): boolean => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
