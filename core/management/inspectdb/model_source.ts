// The source of one model: its decorator, its class and its fields.
import { indexName } from "../../db/schema/names.ts";
import { fieldSource, hasOwnIndex } from "./field_source.ts";
import { callWithOptions, comment, type Option, WIDTH } from "./layout.ts";
import { isPlainUnique, type ModelPlan, type ModulePlan } from "./plan.ts";

/** A model's source, and what it needs to be imported. */
export interface ModelSource {
  text: string;
  imports: readonly string[];
}

/** Django lets no index have a longer name. */
const MAX_INDEX_NAME = 30;

/** Writes one model. */
export function modelSource(model: ModelPlan, module: ModulePlan): ModelSource {
  const fields = model.columns.map((column) => fieldSource(column, model, module)).filter((field) => field !== null);
  const base = baseOf(model);
  const { options, notes, usesIndex } = metaOf(model, module);
  const lines = [
    ...notes.map((note) => comment(note)),
    callWithOptions("@model(", options, ""),
    `export class ${model.name} extends ${base} {`,
    `  declare static objects: Manager<${model.name}>;`,
    ...(fields.length > 0 ? ["", ...fields.map(({ text }) => text)] : []),
    "}",
  ];
  const imports = [base, "type Manager", "model", ...(usesIndex ? ["Index"] : [])];
  return { text: lines.join("\n"), imports: [...imports, ...fields.flatMap((field) => field.imports)] };
}

/** `Model` has an `id` that is a number; with any other key, the class begins without one. */
function baseOf({ columns, table }: ModelPlan): "Model" | "BaseModel" {
  const key = columns.find(({ column }) => table.primaryKey.length === 1 && column.name === table.primaryKey[0]);
  if (!key || key.relation) return "BaseModel";
  return key.name === "id" && key.guessed.kind.endsWith("AutoField") ? "Model" : "BaseModel";
}

const origins = { view: "Created from a view. Don't remove.", partition: "Created from a partition. Don't remove." };

function metaOf(model: ModelPlan, module: ModulePlan) {
  const { table } = model;
  const indexes = indexesOf(model, module);
  const together = uniqueTogether(model);
  const options: Option[] = [
    ["managed", "false"],
    ["dbTable", JSON.stringify(table.name)],
    ...(table.comment === null ? [] : [["dbTableComment", JSON.stringify(table.comment)] as const]),
    ...(together.length === 0 ? [] : [["uniqueTogether", list(together.map(namesList))] as const]),
    ...(indexes.sources.length === 0 ? [] : [["indexes", list(indexes.sources)] as const]),
  ];
  const notes = [
    ...(table.kind === "table" ? [] : [`managed: false. ${origins[table.kind]}`]),
    ...(table.primaryKey.length === 0 ? ["The table has no primary key: give one field primaryKey: true."] : []),
    ...(hasStrangeUnique(model) ? ["A unique constraint could not be introspected."] : []),
    ...indexes.left.map((name) => `The index "${name}" is left out.`),
  ];
  return { options, notes, usesIndex: indexes.sources.length > 0 };
}

function list(items: readonly string[]): string {
  const short = `[${items.join(", ")}]`;
  return short.length <= WIDTH - 40 ? short : `[\n${items.map((item) => `    ${item},\n`).join("")}  ]`;
}

function namesList(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

function fieldName({ columns }: ModelPlan, column: string): string {
  return columns.find((plan) => plan.column.name === column)?.name ?? column;
}

function uniqueTogether(model: ModelPlan): string[][] {
  const { constraints, indexes, primaryKey } = model.table;
  const unique = [...constraints.filter(({ kind }) => kind === "unique"), ...indexes.filter(isPlainUnique)];
  const lists = [primaryKey, ...unique.map(({ columns }) => columns as string[])].filter(({ length }) => length > 1);
  return lists.map((columns) => columns.map((column) => fieldName(model, column)));
}

function hasStrangeUnique({ table }: ModelPlan): boolean {
  return table.indexes.some((index) => index.unique && !isPlainUnique(index));
}

/** The indexes that `indexes` can say; what fields say themselves is not among them. */
function indexesOf(model: ModelPlan, { vendor }: ModulePlan): { sources: string[]; left: string[] } {
  const sources: string[] = [];
  const left: string[] = [];
  for (const index of model.table.indexes) {
    if (index.unique || isLike(index)) continue;
    const [column] = index.columns;
    const isOwn = index.name === indexName(vendor, model.table.name, [column ?? ""]);
    if (isOwn && column !== null && hasOwnIndex(model, column, vendor)) continue;
    if (isPlain(index) && index.name.length <= MAX_INDEX_NAME) sources.push(indexSource(model, index));
    else left.push(index.name);
  }
  return { sources, left };
}

type Index = ModelPlan["table"]["indexes"][number];

/** The second index that PostgreSQL needs for LIKE, which every indexed text has. */
function isLike({ columns, opclasses }: Index): boolean {
  return columns.length === 1 && opclasses.some((opclass) => opclass.endsWith("_pattern_ops"));
}

function isPlain({ columns, method, condition, opclasses }: Index): boolean {
  return method === "btree" && condition === null && opclasses.length === 0 && !columns.includes(null);
}

function indexSource(model: ModelPlan, { name, columns, descending }: Index): string {
  const fields = columns.map((column, at) => `${descending[at] ? "-" : ""}${fieldName(model, column as string)}`);
  return `new Index({ fields: ${namesList(fields)}, name: ${JSON.stringify(name)} })`;
}
