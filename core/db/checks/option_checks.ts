// Checks of the options of fields: django.db.models.fields, django.contrib.postgres.fields.
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { postgresTypes } from "../postgres/field_types.ts";

type Found = [id: string, msg: string, hint?: string] | null;

/** What is wrong with the options of a field, each with Django's id. */
export const optionChecks: readonly ((field: Field) => Found)[] = [
  choicesForm,
  choicesLength,
  validatorForms,
  filePathFlags,
  uploadPath,
  fileKey,
  arrayBase,
  virtualColumn,
  postgresOnly,
];

function choicesForm({ options, choices }: Field): Found {
  if (options.choices === undefined || options.choices === null) return null;
  const isPair = (item: unknown) => Array.isArray(item) && item.length === 2 && typeof item[1] === "string";
  const isGroup = (item: unknown) =>
    Array.isArray(item) && item.length === 2 && Array.isArray(item[1]) && item[1].every(isPair);
  if (!Array.isArray(choices)) return ["fields.E004", "'choices' must be a mapping or an iterable."];
  if (choices.every((item) => isPair(item) || isGroup(item))) return null;
  return [
    "fields.E005",
    "'choices' must be a mapping of actual values to human readable names or an iterable containing (actual value, human readable name) tuples.",
    "An enum of TypeScript becomes choices by TextChoices() or IntegerChoices().",
  ];
}

function choicesLength({ options, flatchoices }: Field): Found {
  const { maxLength } = options;
  if (maxLength === undefined || !options.choices || typeof options.choices === "function") return null;
  const longest = Math.max(0, ...flatchoices.map(([value]) => (typeof value === "string" ? [...value].length : 0)));
  if (longest <= maxLength) return null;
  return ["fields.E009", `'maxLength' is too small to fit the longest value in 'choices' (${longest} characters).`];
}

function validatorForms({ options }: Field): Found {
  const isValidator = (validator: unknown) =>
    typeof validator === "function" || typeof (validator as { validate?: unknown } | null)?.validate === "function";
  const at = (options.validators ?? []).findIndex((validator) => !isValidator(validator));
  if (at < 0) return null;
  return [
    "fields.E008",
    "All 'validators' must be callable.",
    `validators[${at}] is neither a function nor an object with a validate().`,
  ];
}

function filePathFlags({ kind, options }: Field): Found {
  if (kind !== "FilePathField" || (options.allowFiles ?? true) || options.allowFolders) return null;
  return ["fields.E140", "FilePathFields must have either 'allowFiles' or 'allowFolders' set to True."];
}

function isFile({ kind }: Field): boolean {
  return kind === "FileField" || kind === "ImageField";
}

function fileKey(field: Field): Found {
  return isFile(field) && field.primaryKey
    ? ["fields.E201", `'primaryKey' is not a valid argument for a ${field.kind}.`]
    : null;
}

function uploadPath(field: Field): Found {
  const { uploadTo } = field.options;
  if (!isFile(field) || typeof uploadTo !== "string" || !uploadTo.startsWith("/")) return null;
  return [
    "fields.E202",
    `${field.kind}'s 'uploadTo' argument must be a relative path, not an absolute path.`,
    "Remove the leading slash.",
  ];
}

function arrayBase({ kind, options }: Field): Found {
  if (kind !== "ArrayField" || !options.baseField?.isRelation) return null;
  return ["postgres.E002", "Base field for array cannot be a related field."];
}

function virtualColumn({ options }: Field): Found {
  if (!options.generated || options.generated.dbPersist || !connections.engines.includes("postgresql")) return null;
  return [
    "fields.E221",
    "PostgreSQL does not support non-persisted GeneratedFields.",
    "Set dbPersist: true on the field.",
  ];
}

/** Django says so of JSONFields alone, which all databases have by now. */
function postgresOnly({ kind }: Field): Found {
  if (!(kind in postgresTypes) || !connections.engines.includes("sqlite")) return null;
  return ["fields.E180", `SQLite does not support ${kind}s.`, "Use a JSONField, or PostgreSQL."];
}
