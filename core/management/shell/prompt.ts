import { type REPLEval, type REPLServer, Recoverable, start } from "node:repl";
import { inspect, promisify } from "node:util";
import vm from "node:vm";
import { asQuerySet, represent } from "./representation.ts";
import type { SqlEcho } from "./sql_echo.ts";
import { toScript } from "./typescript.ts";

/** What a prompt is made of. */
export interface PromptOptions {
  names: Readonly<Record<string, unknown>>;
  echo: SqlEcho;
  /** Where lines are remembered; without it they are not. */
  history?: string;
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
}

/** Reads, runs and prints until its input ends. Lines may be TypeScript and may await; promises and querysets are awaited. */
export async function runPrompt({ names, echo, history, input, output }: PromptOptions): Promise<void> {
  const shown = new WeakMap<object, string>();
  // In a context of its own, an object's prototype would not be the Object.prototype that the framework knows.
  const repl = start({ prompt: "> ", useGlobal: true, input, output, writer: (value) => write(value, shown, repl) });
  Object.assign(globalThis, withoutBuiltIns(names));
  awaitResults(repl, shown);
  addSqlCommand(repl, echo);
  const ended = new Promise<void>((resolve) => repl.once("exit", resolve));
  if (history !== undefined) await promisify(repl.setupHistory.bind(repl))(history);
  await ended;
}

/** The names without those of the language itself: a model called Map must not become everybody's Map. */
export function withoutBuiltIns(names: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const builtIn = new Set(vm.runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]);
  return Object.fromEntries(Object.entries(names).filter(([name]) => !builtIn.has(name)));
}

function write(value: unknown, shown: WeakMap<object, string>, { terminal }: REPLServer): string {
  const text = typeof value === "object" && value !== null ? shown.get(value) : undefined;
  return text ?? inspect(value, { colors: terminal });
}

function awaitResults(repl: REPLServer, shown: WeakMap<object, string>): void {
  const plain = evaluator(repl.eval);
  (repl as { eval: REPLEval }).eval = (code, context, file, done) => {
    plain(code, context, file)
      .catch((error) => retryAsTypeScript(error, code, (script) => plain(script, context, file)))
      .then((value) => settle(value, shown))
      .then(({ value }) => done(null, value), done as (error: unknown) => void);
  };

  function evaluator(evaluate: REPLEval) {
    return (code: string, context: object, file: string) =>
      new Promise<{ value: unknown }>((resolve, reject) => {
        // In an object, since a promise would be awaited on its way out.
        const done = (error: Error | null, value: unknown) => (error ? reject(error) : resolve({ value }));
        evaluate.call(repl, code, context as never, file, done);
      });
  }
}

async function retryAsTypeScript<T>(error: unknown, code: string, run: (script: string) => Promise<T>): Promise<T> {
  if (!(error instanceof SyntaxError)) throw error;
  const script = await toScript(code, "<shell>").catch((failure: Error) => {
    throw /<eof>|Unexpected eof/i.test(failure.message) ? new Recoverable(failure) : error;
  });
  return run(script);
}

/** What is worth printing: a queryset stays one, and is printed by its rows. */
async function settle({ value }: { value: unknown }, shown: WeakMap<object, string>): Promise<{ value: unknown }> {
  const queryset = asQuerySet(value);
  if (queryset) shown.set(value as object, await represent(queryset));
  return { value: queryset ? value : await value };
}

function addSqlCommand(repl: REPLServer, echo: SqlEcho): void {
  repl.defineCommand("sql", {
    help: "Print SQL statements: .sql on, .sql off",
    action(word) {
      echo.set(word === "" ? !echo.isOn : word.trim() !== "off");
      repl.output.write(`SQL is ${echo.isOn ? "printed" : "not printed"}.\n`);
      repl.displayPrompt();
    },
  });
}
