import { FieldError } from "../../exceptions.ts";
import { BoundExpression, Expression, type Writer } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { Operand, Transform } from "./operand.ts";

/** SQL that is written already. */
class Written extends BoundExpression {
  readonly shape = "";
  readonly output: Field | null;
  readonly #sql: string;

  constructor(sql: string, output: Field | null) {
    super();
    this.#sql = sql;
    this.output = output;
  }

  write(): string {
    return this.#sql;
  }
}

class WrittenExpression extends Expression {
  readonly #bound: Written;

  constructor(sql: string, output: Field | null) {
    super();
    this.#bound = new Written(sql, output);
  }

  bind(): BoundExpression {
    return this.#bound;
  }
}

/** A function of one expression as part of lookups. */
export class CustomTransform {
  readonly #make: (value: Expression) => Expression;
  readonly #known = new WeakMap<Field, Transform>();

  constructor(make: (value: Expression) => Expression) {
    this.#make = make;
  }

  /** What it is to a field. */
  of(field: Field): Transform {
    let transform = this.#known.get(field);
    if (!transform) {
      const output = this.#bound("", field).output ?? field;
      transform = { output, write: (operand, vendor) => this.#write(operand, output, vendor) };
      this.#known.set(field, transform);
    }
    return transform;
  }

  #bound(sql: string, field: Field | null): BoundExpression {
    return this.#make(new WrittenExpression(sql, field)).bind(nothing as never);
  }

  #write({ sql, field }: Operand, output: Field, vendor: Vendor): Operand {
    const written = this.#bound(sql, field).write({ ...nothing, vendor } as unknown as Writer);
    return { sql: written, field: output, toParam: (value) => output.toLookup(value, vendor), nullable: true };
  }
}

function refuse(): never {
  throw new FieldError("A function in a lookup can be made of its argument only, not of values or other columns.");
}

/** Neither names nor values belong to a name that every query shares. */
const nothing = { name: refuse, condition: refuse, query: refuse, param: refuse, column: refuse, outer: refuse };
