// Fields that do not take part in input: shown only, computed, or filled in by the server.

import { ImproperlyConfigured } from "../../exceptions.ts";
import { type Empty, empty, Field, type FieldContext, type FieldOptions } from "./base.ts";

/** What a {@link ReadOnlyField} takes. */
export type ReadOnlyFieldOptions = Omit<FieldOptions, "readOnly" | "writeOnly" | "required" | "validators">;

/** Shows a property, or what a method without parameters returns, as it is. */
export class ReadOnlyField extends Field<unknown> {
  constructor(options: ReadOnlyFieldOptions = {}) {
    super({ ...options, readOnly: true });
  }

  toInternalValue(data: unknown, _context: FieldContext): unknown {
    return data;
  }

  toRepresentation(value: unknown, _context: FieldContext): unknown {
    return value;
  }
}

/** What a {@link HiddenField} takes; the default is what it is for. */
export interface HiddenFieldOptions<T> {
  default: NonNullable<FieldOptions<T>["default"]>;
  source?: string;
}

/** Takes nothing from the client and shows nothing, but adds its default to the validated values. */
export class HiddenField<T = unknown> extends Field<T> {
  constructor(options: HiddenFieldOptions<T>) {
    super({ ...options, writeOnly: true });
  }

  override getValue(): Empty {
    return empty;
  }

  toInternalValue(data: unknown, _context: FieldContext): T {
    return data as T;
  }

  toRepresentation(value: T, _context: FieldContext): unknown {
    return value;
  }
}

/** Default of a {@link HiddenField}: the user of the request. */
export function currentUserDefault(context: FieldContext): unknown {
  const request = context.request as { user?: unknown } | undefined;
  if (request) return request.user;
  throw new ImproperlyConfigured("currentUserDefault needs the request.", { hint: "Pass it: context: { request }." });
}

/** A default that holds on creation only; an update leaves the field alone. */
export function createOnlyDefault<T>(value: T | ((context: FieldContext) => T)): (context: FieldContext) => T | Empty {
  return (context) => {
    if (context.instance !== null) return empty;
    return typeof value === "function" ? (value as (context: FieldContext) => T)(context) : value;
  };
}

export interface SerializerMethodFieldOptions extends Pick<FieldOptions, "label" | "helpText"> {
  /** Default: `get` and the field's name, `getBookCount` for `bookCount`. */
  methodName?: string;
}

type Method = (object: unknown, context: FieldContext) => unknown;

/** Shows what a method of the schema makes of the object. */
export class SerializerMethodField extends Field<unknown> {
  readonly methodName: string | undefined;
  readonly #method: Method | undefined;

  constructor(options: SerializerMethodFieldOptions = {}, method?: Method) {
    const { methodName, ...rest } = options;
    super({ ...rest, source: "*", readOnly: true });
    this.methodName = methodName;
    this.#method = method;
  }

  override bind(name: string, schema: object): Field {
    const methodName = this.methodName ?? `get${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const method = (schema as Record<string, unknown>)[methodName];
    if (typeof method !== "function") {
      throw new ImproperlyConfigured(`${schema.constructor.name}.${name} needs a method ${methodName}(object).`);
    }
    const { label, helpText } = this;
    const options = {
      methodName,
      ...(label === undefined ? {} : { label }),
      ...(helpText === undefined ? {} : { helpText }),
    };
    return new SerializerMethodField(options, method.bind(schema));
  }

  toInternalValue(data: unknown, _context: FieldContext): unknown {
    return data;
  }

  toRepresentation(value: unknown, context: FieldContext): unknown {
    if (!this.#method) throw new TypeError("A SerializerMethodField was asked for its value outside a schema.");
    return this.#method(value, context);
  }
}
