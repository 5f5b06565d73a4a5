// The sentences of django.db.models.fields: `default_error_messages` of each kind, as they stand there.
import type { FieldKind } from "./field_types.ts";

/** Sentences by code. */
export type ErrorMessages = Readonly<Record<string, string>>;

const common: ErrorMessages = {
  invalid_choice: "Value %(value)r is not a valid choice.",
  null: "This field cannot be null.",
  blank: "This field cannot be blank.",
  unique: "%(model_name)s with this %(field_label)s already exists.",
  unique_for_date: "%(field_label)s must be unique for %(date_field_label)s %(lookup_type)s.",
};

const integer: ErrorMessages = { invalid: "“%(value)s” value must be an integer." };

const relation: ErrorMessages = { invalid: "%(model)s instance with %(field)s %(value)r does not exist." };

const range: ErrorMessages = {
  invalid_range: "“%(value)s” value must be a Range.",
  bound_ordering: "The start of the range must not exceed the end of the range.",
};

const datetimeForm = "YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]";

const date: ErrorMessages = {
  invalid: "“%(value)s” value has an invalid date format. It must be in YYYY-MM-DD format.",
  invalid_date: "“%(value)s” value has the correct format (YYYY-MM-DD) but it is an invalid date.",
};

const datetime: ErrorMessages = {
  invalid: `“%(value)s” value has an invalid format. It must be in ${datetimeForm} format.`,
  invalid_date: "“%(value)s” value has the correct format (YYYY-MM-DD) but it is an invalid date.",
  invalid_datetime: `“%(value)s” value has the correct format (${datetimeForm}) but it is an invalid date/time.`,
};

const decimal: ErrorMessages = { invalid: "“%(value)s” value must be a decimal number." };

const ofKind: { readonly [kind in FieldKind]?: ErrorMessages } = {
  AutoField: integer,
  BigAutoField: integer,
  SmallAutoField: integer,
  BigIntegerField: integer,
  IntegerField: integer,
  PositiveBigIntegerField: integer,
  PositiveIntegerField: integer,
  PositiveSmallIntegerField: integer,
  SmallIntegerField: integer,
  BinaryField: { invalid: "“%(value)s” value must be bytes, or text in base64." },
  BooleanField: {
    invalid: "“%(value)s” value must be either True or False.",
    invalid_nullable: "“%(value)s” value must be either True, False, or None.",
  },
  DateField: date,
  DateTimeField: datetime,
  DecimalField: decimal,
  DurationField: {
    invalid: "“%(value)s” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format.",
  },
  FloatField: { invalid: "“%(value)s” value must be a float." },
  ForeignKey: relation,
  OneToOneField: relation,
  GenericIPAddressField: { invalid: "Enter a valid %(protocol)s address." },
  ArrayField: {
    invalid: "“%(value)s” value must be an array.",
    item_invalid: "Item %(nth)s in the array did not validate:",
    nested_array_mismatch: "Nested arrays must have the same length.",
  },
  HStoreField: { not_a_string: "The value of “%(key)s” is not a string or null.", invalid: "Value must be an object." },
  IntegerRangeField: { ...integer, ...range },
  BigIntegerRangeField: { ...integer, ...range },
  DecimalRangeField: { ...decimal, ...range },
  DateRangeField: { ...date, ...range },
  DateTimeRangeField: { ...datetime, ...range },
  JSONField: { invalid: "Value must be valid JSON." },
  TimeField: {
    invalid: "“%(value)s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.",
    invalid_time: "“%(value)s” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.",
  },
  UUIDField: { invalid: "“%(value)s” is not a valid UUID." },
};

/** The sentences of a kind of field: those that all fields have, its own, and the ones that were given for it. */
export function errorMessagesOf(kind: FieldKind, given: ErrorMessages = {}): ErrorMessages {
  return { ...common, ...ofKind[kind], ...given };
}
