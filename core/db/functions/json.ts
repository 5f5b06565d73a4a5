// django.db.models.functions.json, and KT of the JSONField's module
import { FieldError } from "../../exceptions.ts";
import type { ArgumentOf } from "../expressions/aggregates.ts";
import type { BoundExpression, Is } from "../expressions/base.ts";
import { Value } from "../expressions/base.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import { jsonText } from "../lookups/json.ts";
import { type Argument, func, outputKind } from "./arguments.ts";
import type { ReadsAll } from "./text.ts";

const json = outputKind("JSONField");

/** SQLite knows neither JSON nor booleans from texts and numbers. */
function member(sql: string, { output }: BoundExpression): string {
  if (output?.kind === "JSONField") return `JSON(${sql})`;
  return output?.kind === "BooleanField" ? `JSON(CASE ${sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)` : sql;
}

function built(name: string, postgresql: string, sqlite: string): FuncKind {
  const sql: FuncKind["sql"] = (args, { vendor }, bound) => {
    if (vendor === "postgresql") return `${postgresql}(${args.join(", ")})`;
    return `${sqlite}(${args.map((arg, index) => member(arg, bound[index])).join(", ")})`;
  };
  return { name, sql, output: json, nullable: false };
}

/** An object of JSON: `JSONObject({ title: "title", author: "author__name" })`. Texts name columns. */
export function JSONObject<const A extends Readonly<Record<string, Argument>>>(
  members: A,
): Func<Is<{ -readonly [K in keyof A]: unknown }>> & { readonly "~reads"?: ArgumentOf<A[keyof A]> } {
  const args = Object.entries(members).flatMap(([name, value]) => [Value(name), value]);
  return func(built("JSONObject", "JSONB_BUILD_OBJECT", "JSON_OBJECT"), ...args);
}

/** An array of JSON: `JSONArray("title", "pages")`. Texts name columns. */
export function JSONArray<const A extends readonly Argument[]>(...items: A): Func<Is<unknown[]>> & ReadsAll<A> {
  return func(built("JSONArray", "JSONB_BUILD_ARRAY", "JSON_ARRAY"), ...items);
}

const asText: FuncKind = {
  name: "KT",
  sql: ([sql], { vendor }) => jsonText(sql, vendor),
  output: outputKind("TextField"),
  nullable: true,
};

/** What stands at a key of JSON, as text: `KT("data__owner__name")`. */
export function KT(path: string): Func<Is<string | null>> {
  if (!path.includes("__")) throw new FieldError('KT() requires at least one key, such as KT("data__name").');
  return func(asText, path);
}
