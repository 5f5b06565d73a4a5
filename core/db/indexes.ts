/** An index over some fields of a model; a `-` before a name makes it descending. */
export class Index {
  readonly fields: readonly string[];
  readonly name: string;

  /** @param options.name At most 30 characters, unique in the database. */
  constructor(options: { fields: readonly string[]; name: string }) {
    this.fields = options.fields;
    this.name = options.name;
  }
}

/** No two rows have the same values in these fields. */
export class UniqueConstraint {
  readonly fields: readonly string[];
  readonly name: string;
  readonly violationErrorMessage?: string;

  constructor(options: { fields: readonly string[]; name: string; violationErrorMessage?: string }) {
    this.fields = options.fields;
    this.name = options.name;
    if (options.violationErrorMessage) this.violationErrorMessage = options.violationErrorMessage;
  }
}

/** What a model's `constraints` may hold. */
export type Constraint = UniqueConstraint;
