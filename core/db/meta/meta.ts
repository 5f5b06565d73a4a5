import { ImproperlyConfigured } from "../../exceptions.ts";
import { closestMatch } from "../../utils/text.ts";
import type { DbFeature } from "../backends/features.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { Constraint, Index } from "../indexes.ts";
import type { ModelClass } from "../models.ts";

/** What `@model()` may be told: Django's `class Meta`, under its names. */
export interface MetaOptions {
  /** Fields for children only; no table and no objects. */
  abstract?: boolean;
  /** The app, where the model does not stand in one's `models.ts`. */
  appLabel?: string;
  /** The manager that related objects, `save()` and `refreshFromDb()` read by; default a plain one. */
  baseManagerName?: string;
  /** The manager that generic code begins with; default the first one that is declared. */
  defaultManagerName?: string;
  /** The table; default `<app>_<model>`. */
  dbTable?: string;
  /** A comment on the table, where the database keeps one. */
  dbTableComment?: string;
  /** The `relatedName` of relations that give none; may hold `%(app_label)s` and `%(model_name)s`. */
  defaultRelatedName?: string;
  /** What `latest()` and `earliest()` go by. */
  getLatestBy?: string | readonly string[];
  /** False where migrations leave the table alone. Default true. */
  managed?: boolean;
  /** A foreign key whose objects keep their rows in an order of their own, in the column `_order`. */
  orderWithRespectTo?: string;
  ordering?: readonly string[];
  permissions?: readonly (readonly [codename: string, name: string])[];
  /** Default `["add", "change", "delete", "view"]`. */
  defaultPermissions?: readonly string[];
  /** Another class for the table of the model that it extends. */
  proxy?: boolean;
  /** Migrations leave the model out on databases that lack one of these. */
  requiredDbFeatures?: readonly DbFeature[];
  /** Migrations make the table on this database only. */
  requiredDbVendor?: Vendor;
  /** Ask whether the row is there before updating it, for triggers that make an UPDATE report no rows. */
  selectOnSave?: boolean;
  indexes?: readonly Index[];
  constraints?: readonly Constraint[];
  /** Lists of fields, or one list. */
  uniqueTogether?: readonly (readonly string[])[] | readonly string[];
  verboseName?: string;
  verboseNamePlural?: string;
  /** The setting that may put another model in this one's place: `"AUTH_USER_MODEL"`. */
  swappable?: string;
}

/** Every name in {@link MetaOptions}; the compiler sees to it that none is missing. */
const names: Record<keyof MetaOptions, true> = {
  abstract: true,
  appLabel: true,
  baseManagerName: true,
  defaultManagerName: true,
  dbTable: true,
  dbTableComment: true,
  defaultRelatedName: true,
  getLatestBy: true,
  managed: true,
  orderWithRespectTo: true,
  ordering: true,
  permissions: true,
  defaultPermissions: true,
  proxy: true,
  requiredDbFeatures: true,
  requiredDbVendor: true,
  selectOnSave: true,
  indexes: true,
  constraints: true,
  uniqueTogether: true,
  verboseName: true,
  verboseNamePlural: true,
  swappable: true,
};

/** The nearest class above that was declared with `@model()`, or null. */
export function baseModel(cls: ModelClass): ModelClass | null {
  let at = Object.getPrototypeOf(cls) as ModelClass | null;
  while (typeof at === "function" && !ownsMeta(at)) at = Object.getPrototypeOf(at);
  return typeof at === "function" ? at : null;
}

/** The nearest class above that has a table: what a proxy is of, or a multi-table parent. */
export function concreteBase(cls: ModelClass): ModelClass | null {
  let at = baseModel(cls);
  while (at?._meta.abstract) at = baseModel(at);
  return at;
}

function ownsMeta(cls: object): boolean {
  return Object.hasOwn(cls, "_meta") && (cls as ModelClass)._meta !== undefined;
}

/**
 * The options that hold for a model: its own, over those of an abstract parent. A parent with a table gives its ordering
 * alone, as in Django.
 *
 * @throws ImproperlyConfigured for a name that is no option.
 */
export function effectiveMeta(cls: ModelClass, own: MetaOptions): MetaOptions {
  checkNames(cls, own);
  const base = baseModel(cls)?._meta;
  if (!base) return own;
  const { abstract: _abstract, ...inherited } = base.abstract ? base.meta : ofTable(base.meta);
  return { ...inherited, ...own };
}

function ofTable({ ordering, orderWithRespectTo, getLatestBy }: MetaOptions): MetaOptions {
  return {
    ...(orderWithRespectTo ? { ordering: ["_order"] } : ordering ? { ordering } : {}),
    ...(getLatestBy ? { getLatestBy } : {}),
  };
}

function checkNames(cls: ModelClass, own: MetaOptions): void {
  const unknown = Object.keys(own).filter((name) => !Object.hasOwn(names, name));
  if (unknown.length === 0) return;
  const near = closestMatch(unknown[0], Object.keys(names));
  throw new ImproperlyConfigured(`@model() of ${cls.name} got invalid option(s): ${unknown.join(", ")}.`, {
    hint: near ? `Did you mean "${near}"?` : `Options are: ${Object.keys(names).join(", ")}.`,
  });
}

/** `"%(app_label)s_%(class)s"` for one model; Django's placeholders. */
export function interpolate(text: string, { modelName, appLabel }: { modelName: string; appLabel: string }): string {
  return text
    .replaceAll("%(class)s", modelName)
    .replaceAll("%(model_name)s", modelName)
    .replaceAll("%(app_label)s", appLabel);
}
