// django.core.exceptions and django.db.utils. Every error the framework raises on purpose is a CoreError: the command
// line prints its sentence and hint instead of a stack, and its `code` is stable, so programs may compare it.

import { formatMessage, type MessageParams } from "./utils/messages.ts";

/** Options shared by every {@link CoreError}. */
export interface CoreErrorOptions {
  /** One sentence that says what to do about it; printed as `Hint: …` by the command line. */
  hint?: string;
  /** The error that led to this one, as for the built-in `Error`. */
  cause?: unknown;
  /** Replaces the class's own code; only for errors that need a finer one. */
  code?: string;
}

/**
 * The base of the framework's own errors: a stable `code`, one sentence, and perhaps a way out.
 *
 * @example
 * throw new ImproperlyConfigured('DATABASE_URL has the unknown scheme "mysql".', { hint: "Use sqlite or postgresql." });
 */
export class CoreError extends Error {
  /** The code of errors of this class; a code that was published is never given another meaning. */
  static code = "error";

  readonly code: string;
  readonly hint?: string;

  constructor(message: string, options: CoreErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = options.code ?? new.target.code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

/** The project's settings, apps, models or routes cannot work as written. */
export class ImproperlyConfigured extends CoreError {
  static override code = "improperly_configured";
}

/** Models or apps were asked for before `setup()` had found them. */
export class AppRegistryNotReady extends CoreError {
  static override code = "app_registry_not_ready";
}

/** The requested row does not exist; each model has its own subclass, `Book.DoesNotExist`. */
export class ObjectDoesNotExist extends CoreError {
  static override code = "does_not_exist";
}

/** A query that must match one row matched several; each model has its own subclass. */
export class MultipleObjectsReturned extends CoreError {
  static override code = "multiple_objects_returned";
}

/** A model has no such field, or the field cannot be used in this way. */
export class FieldError extends CoreError {
  static override code = "field_error";
}

/** The user may not do this; the REST layer answers 403. */
export class PermissionDenied extends CoreError {
  static override code = "permission_denied";
}

/** The client did something that no honest client does; the HTTP layer answers 400. */
export class SuspiciousOperation extends CoreError {
  static override code = "suspicious_operation";
}

/** The key of errors that belong to no single field, as Django's `NON_FIELD_ERRORS`. */
export const NON_FIELD_ERRORS = "__all__";

/** What one or several errors may be written as. */
export type ValidationMessage = string | ValidationError | readonly (string | ValidationError)[];

/** What a {@link ValidationError} may be made from: a sentence, another error, several of these, or these by field. */
export type ValidationMessages = ValidationMessage | Readonly<Record<string, ValidationMessage>>;

/** What a {@link ValidationError} may be told. */
export interface ValidationErrorOptions extends CoreErrorOptions {
  /** Filled in for `{name}` and `%(name)s` in the sentence. */
  params?: MessageParams;
}

/**
 * Values are not valid (`django.core.exceptions.ValidationError`): what validators, `Model.clean()` and `fullClean()`
 * throw. It is one sentence with a code, a list of such errors, or such lists by field.
 *
 * @example
 * throw new ValidationError("At most {limit}.", { code: "max_value", params: { limit: 5 } });
 * throw new ValidationError({ title: "Ensure this value has at most 200 characters." });
 */
export class ValidationError extends CoreError {
  static override code = "invalid";

  /** The sentence before its parameters are filled in; of several errors, all of them. */
  readonly template: string;
  readonly params: MessageParams;
  /** The errors by field, if it was made so, those of no single field under {@link NON_FIELD_ERRORS}; else null. */
  readonly errorDict: Readonly<Record<string, readonly ValidationError[]>> | null;
  readonly #errors: readonly ValidationError[] | null;

  constructor(messages: ValidationMessages, options: ValidationErrorOptions = {}) {
    const given = messages instanceof ValidationError ? messages : null;
    const byField = given ? given.errorDict : isByField(messages) ? errorsByField(messages, options) : null;
    const list = given && !byField ? given.errorList : Array.isArray(messages) ? toErrors(messages, options) : null;
    const template = typeof messages === "string" ? messages : joined(byField ? Object.values(byField).flat() : list);
    const params = options.params ?? given?.params ?? {};
    super(typeof messages === "string" ? formatMessage(template, params) : template, withCode(options, given));
    this.template = given?.template ?? template;
    this.params = params;
    this.errorDict = byField;
    this.#errors = list;
  }

  /** Every single error, itself if it is one. */
  get errorList(): readonly ValidationError[] {
    if (this.errorDict) return Object.values(this.errorDict).flat();
    return this.#errors ?? [this];
  }

  /** Sentences by field name; those of no single field stand under {@link NON_FIELD_ERRORS}. */
  get messageDict(): Record<string, string[]> {
    const byField = this.errorDict ?? { [NON_FIELD_ERRORS]: this.errorList };
    return Object.fromEntries(Object.entries(byField).map(([name, errors]) => [name, errors.map(sentence)]));
  }

  /** Every sentence, without its field. */
  get messages(): string[] {
    return this.errorList.map(sentence);
  }

  /** Adds the errors to those in a dictionary by field, and gives it back. */
  updateErrorDict(errors: Record<string, ValidationError[]>): Record<string, ValidationError[]> {
    for (const [name, found] of Object.entries(this.errorDict ?? { [NON_FIELD_ERRORS]: this.errorList })) {
      errors[name] = [...(errors[name] ?? []), ...found];
    }
    return errors;
  }
}

function sentence({ message }: ValidationError): string {
  return message;
}

function joined(errors: readonly ValidationError[] | null): string {
  return (errors ?? []).map(sentence).join(" ");
}

function withCode(options: ValidationErrorOptions, given: ValidationError | null): CoreErrorOptions {
  return given && options.code === undefined ? { ...options, code: given.code } : options;
}

function isByField(messages: ValidationMessages): messages is Readonly<Record<string, ValidationMessage>> {
  return typeof messages === "object" && !Array.isArray(messages) && !(messages instanceof ValidationError);
}

function toErrors(messages: ValidationMessage, options: ValidationErrorOptions): readonly ValidationError[] {
  return [messages]
    .flat()
    .flatMap((item) => (item instanceof ValidationError ? item.errorList : [new ValidationError(item, options)]));
}

function errorsByField(messages: Readonly<Record<string, ValidationMessage>>, options: ValidationErrorOptions) {
  return Object.fromEntries(Object.entries(messages).map(([name, value]) => [name, toErrors(value, options)]));
}

/** Which kind of constraint an {@link IntegrityError} is about. */
export type IntegrityKind = "unique" | "foreignKey" | "notNull" | "check" | "exclusion";

/** What {@link DatabaseError} adds to the options of a {@link CoreError}. */
export interface DatabaseErrorOptions extends CoreErrorOptions {
  /** The violated constraint, where the driver names it. */
  constraint?: string;
  /** The table of the violated constraint, where the driver names it. */
  table?: string;
  /** The columns of the violated constraint, where the driver names them. */
  columns?: string[];
  /** Which kind of constraint was violated. */
  kind?: IntegrityKind;
}

/** The database refused; the base of everything under `django.db.utils`. */
export class DatabaseError extends CoreError {
  static override code = "database_error";

  readonly constraint?: string;
  readonly table?: string;
  readonly columns?: string[];

  constructor(message: string, options: DatabaseErrorOptions = {}) {
    super(message, options);
    if (options.constraint !== undefined) this.constraint = options.constraint;
    if (options.table !== undefined) this.table = options.table;
    if (options.columns !== undefined) this.columns = options.columns;
  }
}

/** A constraint of the database was violated: uniqueness, a foreign key, NOT NULL, a check. */
export class IntegrityError extends DatabaseError {
  static override code = "integrity_error";

  /** Which kind of constraint was violated, where that is known. */
  readonly kind?: IntegrityKind;

  constructor(message: string, options: DatabaseErrorOptions = {}) {
    super(message, options);
    if (options.kind !== undefined) this.kind = options.kind;
  }
}

/** The database cannot be reached or cannot go on: refused connection, full disk, lock timeout. */
export class OperationalError extends DatabaseError {
  static override code = "operational_error";
}

/** A value does not fit its column: out of range, too long. */
export class DataError extends DatabaseError {
  static override code = "data_error";
}

/** The statement itself is wrong: unknown table or column, bad syntax. */
export class ProgrammingError extends DatabaseError {
  static override code = "programming_error";
}

/** A relation was read that is not loaded, where FETCH_MODE says that nothing is fetched unasked. */
export class FieldFetchBlocked extends FieldError {
  static override code = "field_fetch_blocked";
}

/** What was asked for cannot be done with this database, or with this query. */
export class NotSupportedError extends DatabaseError {
  static override code = "not_supported";
}

/** A transaction was used in a way that it cannot be. */
export class TransactionManagementError extends ProgrammingError {
  static override code = "transaction_management_error";
}

/** A row cannot be deleted because rows with `onDelete: PROTECT` point at it. */
export class ProtectedError extends IntegrityError {
  static override code = "protected_error";

  /** The rows that stand in the way. */
  readonly protectedObjects: readonly object[];

  constructor(message: string, protectedObjects: Iterable<object> = [], options: DatabaseErrorOptions = {}) {
    super(message, options);
    this.protectedObjects = [...protectedObjects];
  }
}

/** A row cannot be deleted because rows with `onDelete: RESTRICT` point at it and stay. */
export class RestrictedError extends IntegrityError {
  static override code = "restricted_error";

  /** The rows that stand in the way. */
  readonly restrictedObjects: readonly object[];

  constructor(message: string, restrictedObjects: Iterable<object> = [], options: DatabaseErrorOptions = {}) {
    super(message, options);
    this.restrictedObjects = [...restrictedObjects];
  }
}
