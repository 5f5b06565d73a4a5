// class-validator's decorators as fields. What the decorators wrote down is read from the place where class-validator
// keeps it; the package itself is never imported, since loading it costs a tenth of a second.

import { ValidationError } from "../exceptions.ts";
import { fieldFromRules } from "./class_validator_fields.ts";
import type { Field } from "./fields/base.ts";

/** What class-validator 0.14 keeps of one decorator on one property. */
interface Metadata {
  type: string;
  name?: string;
  target: unknown;
  propertyName: string;
  constraints?: unknown[];
  constraintCls?: new () => Constraint;
  each?: boolean;
  message?: string | ((args: object) => string);
}

interface Constraint {
  validate(value: unknown, args: object): boolean | Promise<boolean>;
  defaultMessage?(args: object): string;
}

interface Storage {
  validationMetadatas: Map<unknown, Metadata[]>;
  constraintMetadatas: Map<unknown, { async?: boolean }[]>;
}

/** One decorator, ready to become part of a field. */
export interface Rule {
  /** class-validator's name of it: `isEmail`; `customValidation` and the like where it has none. */
  readonly name: string;
  readonly constraints: readonly unknown[];
  /** Meant for the items of a list. */
  readonly each: boolean;
  /** The text given with it, tokens filled in as far as they are known. */
  readonly message: string | undefined;
  /** Whether its check has to be waited for. */
  readonly async: boolean;
  /** Its own check, for what no field does: throws a ValidationError. */
  check(value: unknown): void | Promise<void>;
}

function storage(): Storage | undefined {
  return (globalThis as { classValidatorMetadataStorage?: Storage }).classValidatorMetadataStorage;
}

function ownMetadata(cls: object): Metadata[] {
  return storage()?.validationMetadatas.get(cls) ?? [];
}

/** How many properties of the class class-validator knows by now. */
export function classValidatorCount(cls: object): number {
  return new Set(ownMetadata(cls).map(({ propertyName }) => propertyName)).size;
}

/** The fields that class-validator's decorators on this class (not its parents) make, by property, in order. */
export function classValidatorFields(cls: new () => object): Map<string, Field> {
  const rules = new Map<string, Rule[]>();
  for (const metadata of ownMetadata(cls)) {
    const known = rules.get(metadata.propertyName) ?? [];
    // Decorators of a property run from the last to the first.
    rules.set(metadata.propertyName, [ruleOf(metadata), ...known]);
  }
  return new Map([...rules].map(([property, list]) => [property, fieldFromRules(cls, property, list)]));
}

function fill(
  message: string,
  args: { value?: unknown; constraints: readonly unknown[]; property: string; targetName: string },
): string {
  const known = args.constraints.reduce<string>(
    (text, constraint, index) => text.replaceAll(`$constraint${index + 1}`, () => [constraint].flat().join(", ")),
    message,
  );
  const value = args.value === undefined || args.value === null ? "" : String(args.value);
  return known
    .replaceAll("$value", () => value)
    .replaceAll("$property", () => args.property)
    .replaceAll("$target", () => args.targetName);
}

function ruleOf(metadata: Metadata): Rule {
  const { type, name = type, propertyName, constraints = [], each = false, message, constraintCls } = metadata;
  const targetName = (metadata.target as { name?: string }).name ?? "";
  const argsOf = (value: unknown) => ({ value, constraints, property: propertyName, targetName, object: {} });
  const text = (value: unknown) => {
    const args = argsOf(value);
    const given = typeof message === "function" ? message(args) : message;
    const constraint = given === undefined && constraintCls ? new constraintCls() : undefined;
    return fill(given ?? constraint?.defaultMessage?.(args) ?? "Invalid value.", args);
  };
  const settle = (passed: boolean, value: unknown) => {
    if (!passed) throw new ValidationError(text(value).replace(/^each value in /, ""), { code: name });
  };
  return {
    name,
    constraints,
    each,
    message: message === undefined ? undefined : text(undefined),
    async:
      storage()
        ?.constraintMetadatas.get(constraintCls)
        ?.some(({ async }) => async) ?? false,
    check(value) {
      if (!constraintCls) return;
      const passed = new constraintCls().validate(value, argsOf(value));
      return passed instanceof Promise ? passed.then((done) => settle(done, value)) : settle(passed, value);
    },
  };
}
