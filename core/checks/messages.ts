// django.core.checks.messages

/** How bad a message is, in Django's numbers. */
export const LEVELS = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;
export type LevelName = keyof typeof LEVELS;

/** What a message may say besides its sentence. */
export interface CheckMessageOptions {
  /** One sentence that says what to do. */
  hint?: string;
  /** What it is about: a model, a field, an app, or its name. */
  obj?: unknown;
  /** Identifies the message, `security.W018`; `SILENCED_SYSTEM_CHECKS` names it. */
  id?: string;
}

/**
 * Something that a check found, before the first request had to.
 *
 * @example
 * new Warning("Book has no ordering.", { hint: "Set `ordering`.", obj: Book, id: "library.W001" });
 */
export class CheckMessage {
  readonly level: number;
  readonly msg: string;
  readonly hint?: string;
  readonly obj?: unknown;
  readonly id?: string;

  constructor(level: number, msg: string, { hint, obj, id }: CheckMessageOptions = {}) {
    this.level = level;
    this.msg = msg;
    this.hint = hint;
    this.obj = obj;
    this.id = id;
  }

  /** True where a command must not run. */
  isSerious(level: number = LEVELS.ERROR): boolean {
    return this.level >= level;
  }

  /** True where the settings silence this id. */
  isSilenced(silenced: readonly string[]): boolean {
    return this.id !== undefined && silenced.includes(this.id);
  }

  /** `library.Book: (library.W001) Book has no ordering.`, and the hint on its own line. */
  toString(): string {
    const subject = this.obj === undefined ? "?" : describe(this.obj);
    const id = this.id ? `(${this.id}) ` : "";
    return `${subject}: ${id}${this.msg}${this.hint ? `\n\tHint: ${this.hint}` : ""}`;
  }

  /** The message as `check --json` prints it. */
  toJSON(): Record<string, unknown> {
    const { id, msg, hint, obj } = this;
    return { id, level: levelName(this.level), msg, hint, obj: obj === undefined ? undefined : describe(obj) };
  }
}

/** The name of a level: 30 → `WARNING`. */
export function levelName(level: number): LevelName {
  const names = Object.keys(LEVELS) as LevelName[];
  return names.findLast((name) => LEVELS[name] <= level) ?? "DEBUG";
}

function describe(obj: unknown): string {
  if (typeof obj !== "object" && typeof obj !== "function") return String(obj);
  const known = obj as { _meta?: { label?: string }; label?: string; name?: string };
  return known?._meta?.label ?? known?.label ?? known?.name ?? String(obj);
}

export class DebugMessage extends CheckMessage {
  constructor(msg: string, options?: CheckMessageOptions) {
    super(LEVELS.DEBUG, msg, options);
  }
}

export class InfoMessage extends CheckMessage {
  constructor(msg: string, options?: CheckMessageOptions) {
    super(LEVELS.INFO, msg, options);
  }
}

export class WarningMessage extends CheckMessage {
  constructor(msg: string, options?: CheckMessageOptions) {
    super(LEVELS.WARNING, msg, options);
  }
}

export class ErrorMessage extends CheckMessage {
  constructor(msg: string, options?: CheckMessageOptions) {
    super(LEVELS.ERROR, msg, options);
  }
}

export class CriticalMessage extends CheckMessage {
  constructor(msg: string, options?: CheckMessageOptions) {
    super(LEVELS.CRITICAL, msg, options);
  }
}
