"""Writes what DRF 3.14's fields answer for many inputs.

Run where Django REST framework 3.14 is installed:

    python3 test/rest/oracle/fields.py > test/rest/fixtures/fields.json

Each field has groups of inputs that it answers alike: [shown, errors, inputs], where shown is what the accepted value is shown
as (JSON text, null if refused), errors are [message, code] pairs in their nesting (null if accepted), and inputs are positions
in the list of JSON texts at the top.
"""
import datetime
import decimal
import json
import sys

import django
from django.conf import settings

settings.configure(USE_TZ=True, TIME_ZONE="UTC", USE_I18N=False, USE_L10N=False, INSTALLED_APPS=["rest_framework"])
django.setup()

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.renderers import JSONRenderer

POOL = [
    None, True, False, 0, 1, -1, 2, 7, 42, 100, 101, 10 ** 9, 2 ** 31, 2 ** 53 + 1, -(2 ** 63), 2 ** 63 - 1, 2 ** 63, 10 ** 30,
    0.0, -0.0, 1.0, 42.0, 42.5, 0.1, -0.5, 1.01, 5.5, 1e15, 1e16, 1e22, 1e-7, 1.5e300, 12345.67,
    "", " ", "   ", "\u3000", "\ufeff", "a", " a ", "ab", "abc", "abcdefghij", "abcdefghijk", " abcdefghij ", "x" * 50, "x" * 51, "\u00e9" * 10, "\U0001F600",
    "\U0001F600" * 11, "a\u0000b", "\ud800", "a\nb", "a\n", "it's", 'say "x"', "None", "null", "Null", "nil",
    "0", "1", "42", "+7", "-1", " 7 ", "007", "42.0", "42.", "42.000 ", "42.5", ".0", "1_000", "1__0", "0x10", "\u0664", "1e3", "1e-3", "1e5", "1,5", "1.50", "1.5", "0.1",
    "1.500", "12345.67", "12345", "123456", "1234.5", "0.001", "-5.51", "5.50", "-0", "-0.00", "NaN", "sNaN", "Infinity", "-inf", "half", "1" * 20, "1" * 1000, "1" * 1001, "9007199254740993",
    "9223372036854775808", "1 or 1=1", "1e1000", "1e-1000", "0E5",
    "t", "T", "true", "True", "TRUE", "tRUE", "yes", "Yes", "on", "ON", "y", "Y", "f", "false", "FALSE", "no", "off", "Off", "n", "N", " true", "2",
    "2024-02-29", "2023-02-29", "2024-13-01", "2024-2-9", "29/02/2024", "31/04/2024", "24-02-29", "2024-02-29T10:00:00Z", "0001-01-01", "0000-00-00", "9999-12-31", "+275760-09-13", "10000-01-01",
    "2024-02-29T12:30:45", "2024-02-29T12:30:45+0200", "2024-02-29T12:30:45+02", "2024-02-29T12:30Z", "2024-02-29 12:30:45,5Z", "2024-02-29T12:30:45.123456789Z", "2024-2-9T1:02:03Z",
    "2024-02-29T24:00:00Z", "2024-02-29T23:59:60Z", "2024-02-29T12:30:45+25:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z", "2026-03-29T02:30",
    "Thu, 29 Feb 2024 12:30:45 GMT", "2024-02-29 12:30",
    "12:00", "9:05", "12:60", "24:00", "12:00:00Z", "1:45 PM", "12:00:00.5", "12:00:00.123456", "T12:00",
    "3 04:05:06", "00:00:01.5", "-1 00:00:00", "-1 23:30:00", "90", "P3DT4H5M6S", "P1Y", "PT36H", "1 day, 2:03:04", "long", "999999999 23:59:59", "01:00:00", "01:00:01",
    "small", "medium", "large", "huge", "b", "c", "z", "red", "1.0",
    [], [1], [1, 2, 3, 4], ["a"], ["b", "b"], ["a", "z"], ["a", "", None], [None, None], [True], ["1", "x", -1], [1.0, 2.5], [["a"]], [{}], ["1", "2"],
    {}, {"a": 1}, {"a": "x", "b": None}, {"a": 1, "b": [None], "c": {"d": "e"}}, {"x": "1"}, {"__proto__": 1}, {"a": "b"}, {"name": "x", "size": 3}, {"1": "é\u2028"},
    "550e8400e29b41d4a716446655440000", "550E8400-E29B-41D4-A716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}", "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
    "zzze8400-e29b-41d4-a716-446655440000", 2 ** 127, 2 ** 128,
    "a@example.com", " a@example.com ", "a@", "a@b@example.com", "a@localhost", "a@intranet", '"a b"@example.com', "\u00e4@example.com", "a@ex\u00e4mple.com", "a@[127.0.0.1]",
    "http://example.com", " http://example.com ", "example.com", "mailto:a@example.com", "http://localhost:8000/x?y=z#w", "http://intranet/", "http://[::1]/", "http://ex\u00e4mple.com", "ftp://x.io", "http://" + "a" * 64 + ".com",
    "slug-1_x", "not a slug", "a\u00f1o", "ABC-123", "abc-123", "ABC-123\n", "xABC-123",
    "1.2.3.4", "256.0.0.1", "01.2.3.4", "2001:0DB8:0000:0000:0000:0000:0000:0001", "::ffff:10.0.0.1", "::1", " ::1", "12345::", "fe80::1%eth0", ":", "1::2::3",
]

D = decimal.Decimal
delta = datetime.timedelta
CHOICES = ["small", "medium", "large"]

# name, field class, options, and the options in the words of the test where they are no JSON.
FIELDS = [
    ("BooleanField", {}), ("BooleanField", {"allow_null": True}),
    ("CharField", {}), ("CharField", {"allow_blank": True}), ("CharField", {"trim_whitespace": False}), ("CharField", {"allow_null": True}), ("CharField", {"allow_blank": True, "allow_null": True}),
    ("CharField", {"min_length": 2, "max_length": 10}), ("CharField", {"max_length": 3, "allow_blank": True, "trim_whitespace": False}),
    ("CharField", {"max_length": 2, "error_messages": {"max_length": "At most {max_length}!", "invalid": "Text, please.", "null": "Not nothing."}}),
    ("CharField", {"required": False}), ("CharField", {"default": "x"}),
    ("EmailField", {}), ("EmailField", {"max_length": 12, "allow_blank": True}), ("RegexField", {"regex": "^[A-Z]{3}-[0-9]{3}$"}), ("RegexField", {"regex": "[0-9]", "max_length": 3}),
    ("SlugField", {}), ("SlugField", {"allow_unicode": True}), ("URLField", {}), ("URLField", {"max_length": 20}),
    ("UUIDField", {}), ("UUIDField", {"format": "hex"}), ("UUIDField", {"format": "int"}), ("UUIDField", {"format": "urn", "allow_null": True}),
    ("IPAddressField", {}), ("IPAddressField", {"protocol": "IPv4"}), ("IPAddressField", {"protocol": "IPv6"}),
    ("IntegerField", {}), ("IntegerField", {"min_value": -10, "max_value": 100}), ("IntegerField", {"allow_null": True}), ("IntegerField", {"min_value": -(2 ** 63), "max_value": 2 ** 63 - 1}),
    ("IntegerField", {"max_value": 5, "error_messages": {"max_value": "No more than {max_value}."}}),
    ("FloatField", {}), ("FloatField", {"min_value": 0, "max_value": 1}), ("FloatField", {"allow_null": True, "max_value": 1.5}),
    ("DecimalField", {"max_digits": 6, "decimal_places": 2}), ("DecimalField", {"max_digits": 6, "decimal_places": 2, "allow_null": True}),
    ("DecimalField", {"max_digits": 6, "decimal_places": 2, "coerce_to_string": False}), ("DecimalField", {"max_digits": 6, "decimal_places": 2, "min_value": D("-5.50"), "max_value": D("5.50")}),
    ("DecimalField", {"max_digits": None, "decimal_places": None}), ("DecimalField", {"max_digits": 8, "decimal_places": None}), ("DecimalField", {"max_digits": 10, "decimal_places": 0, "min_value": 1}),
    ("DecimalField", {"max_digits": 30, "decimal_places": 10, "rounding": "ROUND_UP"}),
    ("DateField", {}), ("DateField", {"allow_null": True}), ("DateField", {"format": "%d/%m/%Y", "input_formats": ["%d/%m/%Y", "iso-8601"]}), ("DateField", {"input_formats": ["%Y"]}),
    ("DateTimeField", {}), ("DateTimeField", {"format": "%Y-%m-%d %H:%M"}), ("DateTimeField", {"input_formats": ["%Y-%m-%d %H:%M", "iso-8601"], "allow_null": True}),
    ("TimeField", {}), ("TimeField", {"format": "%H.%M", "input_formats": ["%I:%M %p", "iso-8601"]}),
    ("DurationField", {}), ("DurationField", {"max_value": delta(hours=1), "min_value": delta(0)}), ("DurationField", {"allow_null": True, "min_value": delta(days=1, hours=2)}),
    ("ChoiceField", {"choices": CHOICES}), ("ChoiceField", {"choices": [(1, "One"), (2, "Two")]}), ("ChoiceField", {"choices": ["small", "large"], "allow_blank": True}),
    ("ChoiceField", {"choices": ["small", "large"], "allow_null": True}), ("ChoiceField", {"choices": [("Group", [("a", "A"), ("b", "B")]), ("c", "C")]}), ("ChoiceField", {"choices": [True, 1.5]}),
    ("MultipleChoiceField", {"choices": ["a", "b", "c"]}), ("MultipleChoiceField", {"choices": ["a", "b", "c"], "allow_empty": False, "allow_null": True}), ("MultipleChoiceField", {"choices": [(1, "One"), (2, "Two")]}),
    ("FileField", {}),
    ("ListField", {}), ("ListField", {"allow_null": True, "allow_empty": False}), ("ListField", {"child": ("IntegerField", {"min_value": 0}), "min_length": 1, "max_length": 3}),
    ("ListField", {"child": ("CharField", {"max_length": 5}), "allow_empty": False}), ("ListField", {"child": ("ListField", {"child": ("BooleanField", {})})}),
    ("DictField", {}), ("DictField", {"child": ("IntegerField", {})}), ("DictField", {"child": ("CharField", {"allow_null": True}), "allow_empty": False}),
    ("JSONField", {}), ("JSONField", {"allow_null": True}),
]


def build(name, options):
    options = dict(options)
    if "child" in options:
        options["child"] = build(*options["child"])
    if name == "RegexField":
        return serializers.RegexField(options.pop("regex"), **options)
    return getattr(serializers, name)(**options)


def plain(options):
    """The options as JSON: durations in microseconds, decimals as text, children as they are."""
    def one(value):
        if isinstance(value, delta):
            return {"duration": value // delta(microseconds=1)}
        if isinstance(value, D):
            return str(value)
        return value
    return {key: one(value) for key, value in options.items()}


def errors(detail):
    if isinstance(detail, dict):
        return {str(key): errors(value) for key, value in detail.items()}
    if isinstance(detail, list):
        return [errors(item) for item in detail]
    return [str(detail), detail.code]


def answer(field, data):
    try:
        value = field.run_validation(data)
    except serializers.ValidationError as error:
        return [None, errors(error.detail)]
    except serializers.SkipField:
        return ["skipped", None]
    except Exception as error:
        return [type(error).__name__, None]
    try:
        shown = None if value is None else field.to_representation(value)
        if isinstance(shown, set):
            shown = sorted(shown)
        # The renderer makes an empty body of None.
        return ["null" if shown is None else JSONRenderer().render(shown).decode(), None]
    except (ValueError, UnicodeEncodeError) as error:
        return [type(error).__name__, None]


def main():
    inputs = [empty] + POOL
    sections = []
    for name, options in FIELDS:
        field = build(name, options)
        groups = {}
        for index, data in enumerate(inputs):
            groups.setdefault(json.dumps(answer(field, data)), []).append(index)
        head = json.dumps({"field": name, "options": plain(options)})
        rows = ["%s, %s]" % (key[:-1], indexes) for key, indexes in groups.items()]
        sections.append('%s, "groups": [\n%s\n]}' % (head[:-1], ",\n".join(rows)))
    texts = ",\n".join(json.dumps("absent" if data is empty else json.dumps(data)) for data in inputs)
    sys.stdout.write('{"inputs": [\n%s\n],\n"fields": [\n%s\n]}\n' % (texts, ",\n".join(sections)))


main()
