// Names in a model's indexes and constraints are checked against its fields.
import {
  CASCADE,
  CharField,
  CheckConstraint,
  F,
  ForeignKey,
  Index,
  IntegerField,
  type Manager,
  Model,
  model,
  Q,
  type Related,
  UniqueConstraint,
} from "core-framework/db";

@model({
  indexes: [new Index({ fields: ["author", "-pages"] }), new Index({ expressions: [F("pages").desc()], name: "a" })],
  constraints: [
    new CheckConstraint({ condition: Q({ pages__gt: 0 }).or({ title__startswith: "x" }), name: "a" }),
    new CheckConstraint({ condition: Q({ pages__gte: F("author") }).not(), name: "b" }),
    new UniqueConstraint({ fields: ["authorId", "title"], condition: Q({ pages__in: [1, 2] }), name: "c" }),
  ],
})
export class Right extends Model {
  declare static objects: Manager<Right>;
  @CharField({ maxLength: 9 }) title!: string;
  @IntegerField() pages!: number;
  @ForeignKey(() => Right, { onDelete: CASCADE }) author!: Related<Right>;
  declare authorId: number;
}

// @ts-expect-error there is no such field
@model({ indexes: [new Index({ fields: ["titel"] })] })
export class WrongIndex extends Model {
  declare static objects: Manager<WrongIndex>;
  @CharField({ maxLength: 9 }) title!: string;
}

// @ts-expect-error there is no such field
@model({ constraints: [new UniqueConstraint({ fields: ["title", "name"], name: "a" })] })
export class WrongUnique extends Model {
  declare static objects: Manager<WrongUnique>;
  @CharField({ maxLength: 9 }) title!: string;
}

// @ts-expect-error there is no such field in the condition
@model({ constraints: [new CheckConstraint({ condition: Q({ pagse__gt: 0 }), name: "a" })] })
export class WrongCheck extends Model {
  declare static objects: Manager<WrongCheck>;
  @IntegerField() pages!: number;
}

// @ts-expect-error a number is not compared with a text
@model({ constraints: [new CheckConstraint({ condition: Q({ pages__gt: "many" }), name: "a" })] })
export class WrongValue extends Model {
  declare static objects: Manager<WrongValue>;
  @IntegerField() pages!: number;
}

// @ts-expect-error there is no such lookup in an index's condition
@model({ indexes: [new Index({ fields: ["pages"], condition: Q({ pages__bigger: 1 }), name: "a" })] })
export class WrongLookup extends Model {
  declare static objects: Manager<WrongLookup>;
  @IntegerField() pages!: number;
}
