import { FieldError } from "../exceptions.ts";
import { Decimal } from "../utils/decimal.ts";
import { buildConditions, type ConditionContext, type Group } from "./conditions.ts";
import { Aggregate, type AggregateName, type Annotation } from "./expressions.ts";
import type { Field } from "./field.ts";
import type { FieldKind, Vendor } from "./field_types.ts";
import { type FieldPath, walkPath } from "./lookup_path.ts";

/** An annotation, understood: what to compute of which rows. */
export interface BoundAnnotation {
  name: AggregateName | "EXISTS";
  path: FieldPath;
  distinct: boolean;
  filter: Group | null;
  shape: string;
}

/** Checks an annotation against its model. Throws a FieldError for a path that leads to no rows of another table. */
export function bindAnnotation(context: ConditionContext, name: string, annotation: Annotation): BoundAnnotation {
  const { model, annotations } = context;
  if (model._meta.byName.has(name) || model._meta.getRelated(name)) {
    throw new FieldError(`The annotation "${name}" conflicts with a field of ${model._meta.label}.`);
  }
  if (annotations.has(name)) throw new FieldError(`The annotation "${name}" is there already.`);
  checkAlias(name);
  const { path, rest } = walkPath(model, annotation.path);
  if (rest.length > 0 || !path.toMany) {
    throw new FieldError(`"${annotation.path}" leads from ${model._meta.label} to no relation to many.`, {
      hint: 'An aggregate takes the name of such a relation, perhaps with a field: Avg("reviews__stars").',
    });
  }
  const filter = annotation.filter ? buildConditions({ model, annotations: new Map() }, [annotation.filter]) : null;
  const aggregate = annotation instanceof Aggregate ? annotation : null;
  const distinct = aggregate?.distinct ?? false;
  const sqlName = aggregate?.name ?? "EXISTS";
  return { name: sqlName, path, distinct, filter, shape: `${sqlName}${distinct}(${annotation.path}:${filter?.shape})` };
}

/** Aliases stand in SQL as identifiers; Django refuses these as well. */
function checkAlias(name: string): void {
  if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !name.includes("__")) return;
  throw new FieldError(`"${name}" cannot be the name of an annotation.`, {
    hint: "Use letters, digits and single underscores.",
  });
}

const integers: ReadonlySet<FieldKind> = new Set([
  "AutoField",
  "BigAutoField",
  "SmallAutoField",
  "IntegerField",
  "PositiveIntegerField",
  "PositiveSmallIntegerField",
  "SmallIntegerField",
]);

/** Turns what the database computed into a value of ours. */
export function annotationReader({ name, path }: BoundAnnotation, vendor: Vendor): (raw: unknown) => unknown {
  if (name === "EXISTS") return (raw) => raw === "t" || raw === true || Number(raw) === 1;
  if (name === "COUNT") return Number;
  const field = path.field.isForeignKey ? path.field.targetField : path.field;
  if (name === "AVG") return nullable(averageReader(field));
  if (name === "SUM" && field.kind === "DecimalField") return nullable(decimalReader(field));
  if (name === "SUM" && integers.has(field.kind)) return nullable(Number);
  return (raw) => field.fromDb(raw, vendor);
}

function nullable(read: (raw: unknown) => unknown): (raw: unknown) => unknown {
  return (raw) => (raw === null ? null : read(raw));
}

/** The mean of decimals is a decimal, everything else's is a number, as in Django. */
function averageReader(field: Field): (raw: unknown) => unknown {
  if (field.kind !== "DecimalField") return Number;
  return (raw) => Decimal.parse(decimalText(raw))?.normalize().toFixed();
}

/** SQLite computes with doubles, of which Django trusts fifteen digits. */
function decimalText(raw: unknown): string {
  return typeof raw === "number" ? raw.toPrecision(15) : String(raw);
}

/** A sum may have more digits than its column. */
function decimalReader(field: Field): (raw: unknown) => unknown {
  return (raw) =>
    Decimal.parse(String(raw))
      ?.quantize(field.options.decimalPlaces ?? 0)
      .toFixed();
}
