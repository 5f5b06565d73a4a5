// Questions, asked with inquirer, which is loaded when there is one to ask.

/** True where a person sits at a terminal and did not forbid questions. */
export function canAsk({ input = true }: { input?: boolean } = {}): boolean {
  return input && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** One of a few choices. */
export async function askChoice<T extends string>(
  message: string,
  choices: readonly { name: string; value: T }[],
): Promise<T> {
  return ask<T>({ type: "select", message, choices });
}

/** Yes or no. */
export async function askYesNo(message: string, fallback: boolean): Promise<boolean> {
  return ask<boolean>({ type: "confirm", message, default: fallback });
}

/** A line of text; `validate` gives the sentence that refuses it, or true. */
export async function askText(
  message: string,
  validate: (text: string) => string | true = () => true,
): Promise<string> {
  return (await ask<string>({ type: "input", message, validate })).trim();
}

async function ask<T>(question: object): Promise<T> {
  const { default: inquirer } = await import("inquirer");
  // Its types are made for literal lists of questions; ours are built one at a time above.
  const answers = await inquirer.prompt([{ name: "answer", ...question }] as never);
  return (answers as { answer: T }).answer;
}
