// What fields are told, beside their kind.

import type { OnDelete } from "../deletion.ts";
import type { Expression } from "../expressions/base.ts";
import type { ModelClass } from "../models.ts";
import type { Choices } from "./choices.ts";
import type { Field } from "./field.ts";
import type { ErrorMessages } from "./field_messages.ts";

/** A check of one value: throws where the value is wrong. Django's validators are such functions. */
export type Validator = ((value: unknown) => void) | { validate(value: unknown): void };

/** A model, its class in a function (so that files may import each other), or `"app.Model"`. */
export type ModelReference = string | (() => ModelClass);

/** Which rows of the other model may be chosen: conditions as `filter()` takes them, or a function that gives them. */
export type LimitChoicesTo = object | (() => object);

/** What a relation knows of its other side. */
export interface Remote {
  to: ModelReference;
  onDelete?: OnDelete;
  /** The name of the way back; `"+"` for none. Default: `<model>` or `<model>Set`. */
  relatedName?: string;
  /** The name of the way back in lookups, where it is not `relatedName`. */
  relatedQueryName?: string;
  limitChoicesTo?: LimitChoicesTo;
  /** The unique field that a foreign key holds a value of, where that is not the other model's key. */
  toField?: string;
  /** The reference to a multi-table parent: it is the same thing, seen as the parent. */
  parentLink?: boolean;
  /** A ManyToManyField to its own model that leads both ways. */
  symmetrical?: boolean;
  /** A ManyToManyField's own table between the two, if the user declared it. */
  through?: ModelReference;
  /** The foreign keys of `through` to this side and to the other one, where there are several. */
  throughFields?: readonly [from: string, to: string];
  /** The columns of a ManyToManyField's own table, where they are not called after the models. */
  pairColumns?: readonly [from: string, to: string];
  /** A ManyToManyField's table name where it is not `<app>_<model>_<field>`. */
  dbTable?: string;
}

/** Everything that can be said of a field, under Django's names. Which options a kind takes is typed in fields.ts. */
export interface FieldOptions {
  null?: boolean;
  blank?: boolean;
  default?: unknown;
  /** The only values that validation lets through, each with its label. */
  choices?: Choices;
  /** The column's own default: what a row gets whose INSERT says nothing of it. */
  dbDefault?: unknown;
  /** A comment on the column, for whoever looks at the database; SQLite keeps none. */
  dbComment?: string;
  dbColumn?: string;
  dbIndex?: boolean;
  dbConstraint?: boolean;
  unique?: boolean;
  primaryKey?: boolean;
  editable?: boolean;
  verboseName?: string;
  helpText?: string;
  validators?: readonly Validator[];
  /** Own texts by code: `null`, `blank`, `invalid_choice`, `unique`, and those of the kind and of the validators. */
  errorMessages?: ErrorMessages;
  /** No two rows of the same day (month, year) of that date field have the same value. */
  uniqueForDate?: string;
  uniqueForMonth?: string;
  uniqueForYear?: string;
  maxLength?: number;
  maxDigits?: number;
  decimalPlaces?: number;
  autoNow?: boolean;
  autoNowAdd?: boolean;
  protocol?: "both" | "IPv4" | "IPv6";
  /** `::ffff:192.0.2.1` becomes `192.0.2.1`. */
  unpackIpv4?: boolean;
  /** A slug of letters of any script. */
  allowUnicode?: boolean;
  /** Where a FileField's files go, relative to where files are stored. */
  uploadTo?: string | ((instance: object, filename: string) => string);
  /** The folder of a FilePathField, or a function that gives it. */
  path?: string | (() => string);
  /** The names that a FilePathField allows, without their folder. */
  match?: RegExp;
  /** Folders in the folder are looked into. */
  recursive?: boolean;
  /** Default true. */
  allowFiles?: boolean;
  /** Default false. */
  allowFolders?: boolean;
  /** How the database computes the column; see GeneratedField. */
  generated?: { expression: Expression; dbPersist: boolean };
  /** The field of an array's elements. */
  baseField?: Field;
  /** How many elements an array may have. */
  size?: number;
  /** The collation of a text column, such as `"C"` or `"NOCASE"`. */
  dbCollation?: string;
}
