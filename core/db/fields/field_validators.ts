// The validators that fields bring themselves: `default_validators` and `validators` of django.db.models.fields.
import {
  DecimalValidator,
  MaxLengthValidator,
  MaxValueValidator,
  MinValueValidator,
  ProhibitNullCharactersValidator,
  ProhibitSurrogateCharactersValidator,
  URLValidator,
  validateEmail,
  validateIpv4Address,
  validateIpv6Address,
  validateIpv46Address,
  validateSlug,
  validateUnicodeSlug,
} from "../../utils/validators.ts";
import type { Field, FieldOptions, Validator } from "./field.ts";
import { type FieldKind, integerRange } from "./field_types.ts";

type Brings = (options: Readonly<FieldOptions>, kind: FieldKind) => readonly Validator[];

/** What no column can hold, whatever the text is. */
const storable: readonly Validator[] = [
  new ProhibitNullCharactersValidator(),
  new ProhibitSurrogateCharactersValidator(),
];

function limited({ maxLength }: Readonly<FieldOptions>): Validator[] {
  return maxLength === undefined ? [] : [new MaxLengthValidator(maxLength)];
}

function text(...own: readonly Validator[]): Brings {
  return (options) => [...own, ...storable, ...limited(options)];
}

const integer: Brings = (_options, kind) => {
  const [min, max] = integerRange(kind);
  const shown = (limit: bigint) => (Number.isSafeInteger(Number(limit)) ? Number(limit) : limit);
  return [new MinValueValidator(shown(min)), new MaxValueValidator(shown(max))];
};

const decimal: Brings = ({ maxDigits, decimalPlaces }) => [
  new DecimalValidator(maxDigits ?? null, decimalPlaces ?? null),
];

const addresses = { both: validateIpv46Address, IPv4: validateIpv4Address, IPv6: validateIpv6Address };

const arrayTooLong = "List contains %(show_value)d items, it should contain no more than %(limit_value)d.";

const ofKind: { readonly [kind in FieldKind]?: Brings } = {
  AutoField: integer,
  BigAutoField: integer,
  SmallAutoField: integer,
  BigIntegerField: integer,
  IntegerField: integer,
  PositiveBigIntegerField: integer,
  PositiveIntegerField: integer,
  PositiveSmallIntegerField: integer,
  SmallIntegerField: integer,
  BinaryField: limited,
  CharField: text(),
  DecimalField: decimal,
  EmailField: text(validateEmail),
  GenericIPAddressField: ({ protocol = "both" }) => [addresses[protocol]],
  SlugField: (options) => text(options.allowUnicode ? validateUnicodeSlug : validateSlug)(options, "SlugField"),
  TextField: () => storable,
  URLField: text(new URLValidator()),
  FileField: text(),
  ImageField: text(),
  FilePathField: text(),
  ArrayField: ({ size }) => (size === undefined ? [] : [new MaxLengthValidator(size, arrayTooLong)]),
  SearchVectorField: text(),
};

/** The validators of a field: those of its kind, then its own. */
export function validatorsOf({ kind, options }: Field): readonly Validator[] {
  const brought = ofKind[kind]?.(options, kind) ?? [];
  return [...brought, ...(options.validators ?? [])];
}
