/** Whether a direction stands for anything, in plain words. */

const LUCK = 0.05; // of shuffled sets may do as well before it is called luck

export interface Trust {
  said: string;
  weak: boolean; // it is no better than chance, or nobody can tell
  tested: boolean;
}

const percents = (part: number): string => `${Math.round(part * 100)} %`;

/** From what the direction's artifact measured. */
export function trustOf(numbers: Record<string, number>): Trust {
  const [accuracy, shuffled, chance] = [numbers.accuracy, numbers["accuracy, shuffled"], numbers.chance];
  if (accuracy === undefined || shuffled === undefined) {
    return { said: "With one picture in a set nothing can be tested: this direction may be luck. Put two or more into each.", weak: true, tested: false };
  }
  const told = `It tells ${percents(accuracy)} of the pictures apart; chance would be ${percents(shuffled)}.`;
  if (chance !== undefined && chance <= LUCK) return { said: told, weak: false, tested: true };
  const often = chance === undefined ? "" : ` ${percents(chance)} of shuffled sets do as well.`;
  return { said: `${told} That is no better than luck:${often || " do not trust it."}`, weak: true, tested: true };
}
