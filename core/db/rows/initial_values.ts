import { compile } from "../../utils/codegen.ts";
import { Field } from "../fields/field.ts";
import type { Options } from "../meta/options.ts";
import { assignments } from "./row_code.ts";

interface Initial {
  fields: readonly Field[];
  set(object: object): void;
}

const known = new WeakMap<Options, Initial>();

/** Gives a new object the default of each field, in their order, so that all new objects have one shape. */
export function setInitialValues(object: object, meta: Options): void {
  let initial = known.get(meta);
  if (initial?.fields !== meta.fields) {
    initial = { fields: meta.fields, set: compileInitial(meta.fields) };
    known.set(meta, initial);
  }
  initial.set(object);
}

function compileInitial(fields: readonly Field[]): Initial["set"] {
  const constants: Record<string, unknown> = {};
  const values = new Map(
    fields.map((field, index) => {
      const isSame = isConstant(field);
      constants[`value${index}`] = isSame ? field.getDefault() : field;
      return [field.attname, isSame ? `value${index}` : `value${index}.getDefault()`];
    }),
  );
  return compile(`return (object) => {\n${assignments("object", values)}\n};`, constants);
}

/** Whether every object may have the very same default. */
function isConstant(field: Field): boolean {
  const { default: value } = field.options;
  if (field.getDefault !== Field.prototype.getDefault) return false;
  return typeof value !== "function" && (typeof value !== "object" || value === null);
}
