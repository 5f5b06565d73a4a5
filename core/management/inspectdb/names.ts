// Names of tables and columns as TypeScript can say them. (normalize_table_name and normalize_col_name of Django)
import { BaseModel } from "../../db/models.ts";
import { camelCase, snakeCase } from "../../utils/text.ts";

/** `library_book` → `LibraryBook`, as Python's `str.title()` without what no name may have. */
export function normalizeTableName(table: string): string {
  const titled = table.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
  const name = titled.replace(/[^a-zA-Z0-9]/g, "");
  return /^\d|^$/.test(name) ? `Table${name}` : name;
}

/** The names that a column gets. */
export interface ColumnName {
  /** The property. */
  name: string;
  /** The property with the column's value: of a relation, `name` with `Id` behind it. */
  attname: string;
  /** The column, where it does not follow from the name. */
  dbColumn: string | null;
  /** Why the name is another one, in Django's sentences. */
  notes: readonly string[];
}

type Step = readonly [matches: (name: string) => boolean, change: (name: string) => string, note: string];

/** One after the other; a note only where the change was made. */
const steps: readonly Step[] = [
  [
    (name) => /[^\p{ID_Continue}]/u.test(name),
    (name) => name.replace(/[^\p{ID_Continue}]/gu, "_"),
    "Field renamed to remove unsuitable characters.",
  ],
  [
    (name) => name.includes("__"),
    (name) => name.replace(/_{2,}/g, "_"),
    "Field renamed because it contained more than one '_' in a row.",
  ],
  [(name) => name.startsWith("_"), (name) => `field${name}`, "Field renamed because it started with '_'."],
  [(name) => name.endsWith("_"), (name) => `${name}field`, "Field renamed because it ended with '_'."],
  [
    (name) => !/^[\p{ID_Start}_]/u.test(name),
    (name) => `number_${name}`,
    "Field renamed because it wasn't a valid TypeScript identifier.",
  ],
  [
    (name) => camelCase(name) in BaseModel.prototype,
    (name) => `${name}_field`,
    "Field renamed because every model has something of that name.",
  ],
];

/**
 * The name of a column's property.
 *
 * @param used the names that the model has already; those given are added.
 */
export function normalizeColumnName(column: string, used: Set<string>, isRelation: boolean): ColumnName {
  const lower = column.toLowerCase();
  const notes = lower === column ? [] : ["Field name made lowercase."];
  let name = isRelation ? lower.replace(/_id$/, "") : lower;
  for (const [matches, change, note] of steps) {
    if (!matches(name)) continue;
    // Django is silent about underscores that it has made itself.
    if (!note.includes("more than one") || lower.includes("__")) notes.push(note);
    name = change(name);
  }
  const free = freeName(name, used, isRelation);
  if (free !== name) notes.push("Field renamed because of name conflict.");
  const names = namesOf(free, isRelation);
  for (const taken of Object.values(names)) used.add(taken);
  return { ...names, dbColumn: snakeCase(names.attname) === column ? null : column, notes };
}

function namesOf(name: string, isRelation: boolean): { name: string; attname: string } {
  const property = camelCase(name);
  return { name: property, attname: isRelation ? `${property}Id` : property };
}

function freeName(name: string, used: ReadonlySet<string>, isRelation: boolean): string {
  const isFree = (candidate: string) => Object.values(namesOf(candidate, isRelation)).every((one) => !used.has(one));
  if (isFree(name)) return name;
  let number = 0;
  while (!isFree(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
