// Compiled, never run: options of model fields that do not fit their field are compile errors.
import {
  ArrayField,
  BaseModel,
  BigIntegerField,
  CharField,
  DateRangeField,
  DateTimeRangeField,
  type Display,
  F,
  FileField,
  GeneratedField,
  HStoreField,
  IntegerChoices,
  IntegerField,
  type Manager,
  Model,
  model,
  type NextBy,
  type Range,
  TextChoices,
  Value,
} from "core-framework/db";

const Status = TextChoices({ DRAFT: ["draft", "Draft"], PRINTED: "printed", __empty__: "?" });
const Size = IntegerChoices({ SMALL: 1, LARGE: [2, "Large"] });
enum Color {
  Red = "red",
  Blue = "blue",
}
enum Level {
  Low = 1,
  High = 2,
}

@model({ appLabel: "types" })
export class Fitting extends Model {
  declare static objects: Manager<Fitting>;
  @CharField({ maxLength: 9, choices: Status }) a!: "draft" | "printed";
  @CharField({ maxLength: 9, choices: () => [["x", "X"]] }) b!: string;
  @CharField({ maxLength: 9, choices: [["Group", [["x", "X"]]]] }) c!: string;
  @CharField({ maxLength: 9, choices: { x: "X", Group: { y: "Y" } } }) d!: string;
  @CharField({ maxLength: 9, choices: TextChoices(Color) }) e!: Color;
  @IntegerField({ choices: Size }) f!: number;
  @IntegerField({ choices: IntegerChoices(Level) }) g!: Level;
  @IntegerField({ choices: new Map([[1, "One"]]) }) h!: number;
  @BigIntegerField({ choices: [[1n, "One"]] }) i!: bigint;
  @ArrayField(CharField({ maxLength: 3 }), { default: () => [] }) j!: string[];
  @ArrayField(ArrayField(IntegerField({ null: true })), { null: true }) k!: (number | null)[][] | null;
  @HStoreField({ null: true }) l!: Record<string, string | null> | null;
  @DateTimeRangeField() m!: Range<Date>;
  @FileField({ uploadTo: "covers/" }) n!: string;
  @IntegerField({ dbDefault: 3, dbComment: "x" }) o!: number;
  @GeneratedField({ expression: F("o").add(1), outputField: IntegerField(), dbPersist: true }) p!: number;
  @GeneratedField({ expression: F("o"), outputField: IntegerField(), dbPersist: true, null: true }) q!: number | null;
  @IntegerField({ dbDefault: Value(1).add(2) }) r!: number;
  declare getADisplay: Display;
  declare getNextByJ: NextBy<Fitting>;
}

const draft: "draft" = Status.DRAFT;
const large: 2 = Size.LARGE;
const values: readonly ("draft" | "printed")[] = Status.values;
export const used: unknown[] = [draft, large, values];

export class Misfitting extends BaseModel {
  // @ts-expect-error: numbers for a text
  @CharField({ maxLength: 9, choices: Size }) a!: string;
  // @ts-expect-error: texts for a number
  @IntegerField({ choices: [["x", "X"]] }) b!: number;
  // @ts-expect-error: an array of texts
  @ArrayField(CharField({ maxLength: 3 })) d!: number[];
  // @ts-expect-error: may be null
  @ArrayField(IntegerField(), { null: true }) e!: number[];
  // @ts-expect-error: days are texts
  @DateRangeField() f!: Range<Date>;
  // @ts-expect-error: a text is no number
  @IntegerField({ dbDefault: "3" }) g!: number;
  // @ts-expect-error: the output is a number
  @GeneratedField({ expression: F("o"), outputField: IntegerField(), dbPersist: true }) h!: string;
  // @ts-expect-error: it has no default
  @GeneratedField({ expression: F("o"), outputField: IntegerField(), dbPersist: true, default: 3 }) i!: number;
  // @ts-expect-error: a label is a text
  @IntegerField({ choices: [[1, 2]] }) c!: number;
}

// @ts-expect-error: no such member
Status.LOST;
// @ts-expect-error: a member is a number
IntegerChoices({ SMALL: "small" as const, LARGE: ["x", "Large"] });

/** Methods of fields are no fields. */
export async function queries(object: Fitting): Promise<void> {
  object.getADisplay().toUpperCase();
  (await object.getNextByJ({ a: "draft" })).b.length;
  // @ts-expect-error: a method is no field
  Fitting.objects.filter({ getADisplay: "x" });
}
