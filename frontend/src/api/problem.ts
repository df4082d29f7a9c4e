/** What went wrong, in the words of the server (application/problem+json) or, where it is silent, in ours. */

interface Told {
  title?: string;
  status?: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[] | null;
  candidates?: string[] | null;
}

export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: { pointer: string; detail: string }[];
  readonly candidates: string[];

  constructor(told: Told) {
    const title = told.title || "Something went wrong";
    super(told.detail ? `${title}: ${told.detail}` : title);
    this.title = title;
    this.status = told.status ?? 0;
    this.detail = told.detail ?? "";
    this.errors = told.errors ?? [];
    this.candidates = told.candidates ?? [];
  }

  /** The server cannot be reached at all. */
  static silent(): Problem {
    return new Problem({
      title: "The server does not answer",
      detail: "Is Lucarne still running? Start it with `lucarne serve`, then try again.",
    });
  }

  /** The body of an answer that failed, whatever it is. */
  static told(body: unknown, status: number): Problem {
    if (body && typeof body === "object" && "title" in body) return new Problem(body as Told);
    return new Problem({ title: `The server answered ${status}`, status });
  }

  static async of(response: Response): Promise<Problem> {
    return Problem.told(await response.json().catch(() => null), response.status);
  }
}

/** Whatever was thrown, as a Problem. */
export function problem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) return Problem.silent(); // what fetch throws when nobody answers
  return new Problem({ title: "Something went wrong", detail: thrown instanceof Error ? thrown.message : "" });
}

export const aborted = (thrown: unknown): boolean =>
  thrown instanceof DOMException && thrown.name === "AbortError";
