"""Writes what Python and Django 3.2 answer for the value helpers of core/utils.

Run where Django is installed:  python3 test/utils/oracle/values.py > test/utils/fixtures/values.json

The rows of Django 5.2 are made by its rule: datetime.fromisoformat of Python 3.11 first, the regular expressions after.
"""
import datetime
import decimal
import ipaddress
import itertools
import json
import math
import re
import sys
import uuid

from django.conf import settings

settings.configure(USE_TZ=True, TIME_ZONE="UTC", USE_I18N=False)

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator, validate_ipv4_address
from django.utils import dateparse
from django.utils.duration import duration_iso_string, duration_string
from django.utils.ipv6 import clean_ipv6_address


def attempt(function, value):
    try:
        return function(value)
    except Exception:
        return None


TIMES = ["10:20", "1:2", "10:20:30", "10:20:30.5", "10:20:30,123456", "10:20:30.1234567", "102030", "1020", "10", "10:2030",
         "24:00", "23:59:60", "10:60", "1020:30", "10:20:30.", "10:20:30.12345678901234", "T10:20", "1:45 PM", "", "T", "10:20 ",
         "10:20\n", "١٠:٢٠", "102030.5", "-10:20", "1", "10:20:3", "10:20:300"]
ZONES = ["", "Z", "+02", "+0200", "+02:00", "-05:30", "+25:00", "+24:00", "+23:59", "z", "+2", "+02:60", "+02:00:30", "+02:00:30.5", "-00:00",
         "ZZ", "Z+", "++02", " +02:00", "+020", "+99:99", "-23:59:59.999999"]
DATES = ["2024-02-29", "2023-02-29", "2024-2-9", "24-02-29", "20240229", "2024-W09-4", "2024W094", "2024-W09", "2024W09", "2024-W53-1",
         "2020-W53-7", "2024-W00-1", "2024-W09-0", "2024-W09-8", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "+275760-09-13",
         "2024-13-01", "2024-00-10", "2024-01-32", "2024-060", "2024-0229", "202402-29", "", "2024", "2024-02", "٢٠٢٤-٠٢-٢٩",
         "2024-02-29\n", " 2024-02-29", "2024-02-29 ", "2024/02/29", "9999-W52-7", "0001-W01-1", "2024-W094", "2024W09-4", "2024-W9-4",
         "1900-02-29", "2000-02-29", "0000-00-00"]
SEPARATORS = ["T", " ", "t", "_", "-", "é", "😀", "", "  ", "1", "TT"]


def new_or_old(kind, flavour):
    regex = {"date": dateparse.date_re, "datetime": dateparse.datetime_re}.get(kind)

    def parse(text):
        if flavour == "5.2":
            try:
                if kind == "date":
                    return datetime.date.fromisoformat(text)
                if kind == "time":
                    return datetime.time.fromisoformat(text).replace(tzinfo=None)
                return datetime.datetime.fromisoformat(text)
            except ValueError:
                pass
            if kind == "time" and not re.match(dateparse.time_re.pattern + "$", text):
                return None
        return getattr(dateparse, "parse_" + kind)(text)

    return parse


def datetime_text(value):
    if value is None:
        return None
    offset = value.utcoffset()
    if offset is None:
        return value.isoformat()
    try:
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return "overflow"


def dates():
    datetimes = [d + s + t + z for d, s, t, z in itertools.product(DATES[:6], SEPARATORS, TIMES[:6], ZONES[:3])]
    datetimes += ["2024-02-29T10:20:30" + z for z in ZONES] + DATES
    datetimes += [d + "T10:20:30" + z for d in ("0001-01-01", "9999-12-31") for z in ("-23:59", "+23:59")]
    datetimes += ["2024W09T10:20", "2024W09410:20", "2024W0941020", "2024-W09T10", "2024-W09-10:20", "2024-W09-4T10:20", "2024-W09-410:20"]
    for flavour in ("3.2", "5.2"):
        yield "date " + flavour, [[v, attempt(lambda x: str(new_or_old("date", flavour)(x) or "") or None, v)] for v in DATES]
        yield "time " + flavour, [[v + z, attempt(lambda x: (lambda r: r and r.isoformat())(new_or_old("time", flavour)(x)), v + z)]
                                  for v in TIMES for z in ZONES]
        yield "datetime " + flavour, [[v, attempt(lambda x: datetime_text(new_or_old("datetime", flavour)(x)), v)] for v in datetimes]


DURATIONS = ["", "0", "90", "1:30", "3 04:05:06", "3 days 04:05:06", "1 day, 2:03:04", "-1 00:00:00", "-1 23:30:00", "-30", "-1:30", "00:00:01.5",
             "00:00:01,5", "1.1234567", "P3D", "P3DT4H5M6S", "PT1.5S", "-P1D", "-PT30M", "+P1D", "P", "PT", "P1Y", "P1.5D", "PT0.0000015S",
             "P1,5D", "3 days", "3 day -04:05:06", "3 days +04:05:06", "1e3", "4 15:30.1", "15:30:0.1", "-4 -15:30", "99:99:99", "long",
             "999999999 23:59:59.999999", "-999999999 00:00:00", "1:2:3:4", " 90", "90 ", "90\n", "١:٢", "1 2", "PT36H", "P1DT", "1 days 1",
             "0.000001", "-0.5", "1 -0.5", "12345678901"]


def duration(text):
    value = dateparse.parse_duration(text)
    return None if value is None else [duration_string(value), duration_iso_string(value), str(value)]


INTEGERS = ["0", "-0", "+7", " 7 ", "1_000", "1__0", "_1", "1_", "0x10", "١٢", "٤", "𝟗𝟘", "1 0", "", "-", "+-1", "007", "९", "1e3", "①", "²", "\u00a07\u2003",
            "\x1c7", "\ufeff7", "9" * 40]
FLOATS = INTEGERS + ["1.5", ".5", "5.", ".", "1e3", "1E-3", "1_0.5_0e1_0", "1._5", "inf", "-Infinity", "nan", "+nan", "infin", "1e400", "0x1p3", "١.٥", "1,5", "-.5e-3",
                     "1e", "e5", "1e5.0"]
DECIMALS = FLOATS + ["1.50", "1e3", "1E+3", "12345.678e-2", "NaN", "sNaN", "Inf", "-0", "-0.00", "0E-10", "1e-7", "0.000001", "0.0000001",
                     "1e1000", "123e-20", "1e9999999999999999999", "_1_", "1 5", "--1"]


def digit_table():
    # One text for every decimal digit that Python knows.
    import unicodedata
    return [[chr(c), unicodedata.digit(chr(c))] for c in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Nd"]


def decimal_row(text):
    value = decimal.Decimal(text)
    plain = "{:f}".format(value) if not value.is_finite() or abs(value.as_tuple().exponent) < 3000 else None
    return [str(value), plain, str(value.normalize(decimal.Context(prec=200))) if value.is_finite() else None]


ROUNDINGS = sorted(name for name in vars(decimal) if name.startswith("ROUND_"))
QUANTIZED = ["0.125", "0.135", "0.1251", "-0.125", "-0.135", "2.5", "-2.5", "1.005", "0.001", "-0.001", "0", "-0", "9.995", "1.05", "1.15", "1e3",
             "0.00000001", "0.5", "0.55", "123.4", "99.999"]


def quantized():
    context = decimal.Context(prec=60)
    for text, rounding, places in itertools.product(QUANTIZED, ROUNDINGS, (0, 1, 2)):
        yield [text, rounding, places, "{:f}".format(decimal.Decimal(text).quantize(decimal.Decimal(1).scaleb(-places), rounding=rounding, context=context))]


REPRS = [0.0, -0.0, 1.0, 1.5, 1e15, 1e16, 123456789012345680.0, 1e21, 1e22, 1.5e300, 1e-4, 1.5e-5, 1e-7, 0.1, 5e-324, 1.7976931348623157e308, -2.5e-10, 100.0,
         9007199254740993.0, 12345678901234567.0, 0.00012345, 1234567890123456.7]
VALUES = [None, True, False, 1, -5, 1.5, "x", "it's", 'say "x"', "it's \"x\"", "a\\b\n\t\x00\x7f", "é ü 日本", "\u00a0\u200b\u2028\ud800", "😀", [], {}, [1, [None, "a"]],
          {"a": 1, "b": [True, {"c": "d'e"}]}, {"1": 2}]
UUIDS = ["550e8400e29b41d4a716446655440000", "550E8400-E29B-41D4-A716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
         "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "5-5-0e8400e29b41d4a716446655440000", "zzze8400-e29b-41d4-a716-446655440000", "", "550e8400",
         "{{550e8400e29b41d4a716446655440000", "550e8400e29b41d4a71644665544000g", " 550e8400e29b41d4a71644665544000", "0x0e8400e29b41d4a716446655440000",
         "550e_400e29b41d4a716446655440000", "+50e8400e29b41d4a716446655440000", "-50e8400e29b41d4a716446655440000", 0, 1, 2 ** 128 - 1, 2 ** 128, -1]
IPS = ["2001:0DB8:0000:0000:0000:0000:0000:0001", "::1", "::", "::ffff:10.0.0.1", "::ffff:a00:1", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::",
       "::2:3:4:5:6:7:8", ":1", "1:", "12345::", "g::", "fe80::1%eth0", "64:ff9b::1.2.3.4", "::1.2.3", "::256.1.1.1", "1:2:3:4:5:6:1.2.3.4", "2001:db8:0:0:1:0:0:1",
       "2001:0:0:1:0:0:0:1", "::ffff:0:0", "0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4", ":::", "", "1:0:0:2:0:0:3:4", "::01.2.3.4", "1::%", " ::1"]
IPV4S = ["1.2.3.4", "256.0.0.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "", "0.0.0.0", "1.2.3.04", "a.b.c.d", "١.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1..2.3", "1.2.3.1234", "-1.2.3.4"]
EMAILS = ["a@example.com", "a@", "@example.com", "a@b@example.com", "a@localhost", "a@intranet", '"a b"@example.com', '"quoted"@example.com', "a.b@example.com",
          ".a@example.com", "a.@example.com", "a..b@example.com", "a@[127.0.0.1]", "a@[::1]", "a@[300.1.1.1]", "a@exämple.com", "a@example.com.", "a@-example.com",
          "a@example-.com", "ä@example.com", "a@" + "x" * 63 + ".com", "a@" + "x" * 64 + ".com", "a" * 330 + "@example.com", "a@example.c", "a@example.123", "a@.com",
          "a@exam_ple.com", "a+b@example.com", "a b@example.com", "a@ex ample.com", "a@example.com\n", "A@EXAMPLE.COM", "a@xn--exmple-cua.com", "a@日本.jp", "!#$%&'*+/=?^_`{}|~-@x.io",
          '"a\\"b"@example.com', '"a\x01"@example.com', "a@[IPv6:::1]", "a@localhost.localdomain", "a@127.0.0.1", "a@example.co-m", "a@example.com-", "KELVIN\u212a@example.com"]
URLS = ["http://example.com", "https://example.com/", "ftp://example.com", "ftps://x.io", "mailto:a@example.com", "example.com", "http://localhost", "http://localhost:8000/x", "http://intranet/",
        "http://example.com:80", "http://example.com:123456", "http://[::1]/", "http://[::1]:80/x", "http://[zz]/", "http://1.2.3.4", "http://1.2.3.4:5000/a?b#c", "http://256.1.1.1",
        "http://exämple.com", "http://example.com/ä b", "http://example.com/a\tb", "http://user:pass@example.com/", "http://user@example.com", "http://a:b:c@example.com", "HTTP://EXAMPLE.COM",
        "http://example.com.", "http://-example.com", "http://example-.com", "http://ex_ample.com", "http://.com", "http://example..com", "http://" + "a" * 64 + ".com", "http://" + "a." * 120 + "com",
        "http://" + "a." * 130 + "com", "http://example.com/" + "x" * 2100, "http://", "", "://x.com", "http:///x", "http://example.c", "http://example.123", "http://xn--exmple-cua.com", "http://例え.jp",
        "http://example.com?x=1", "http://example.com#x", "http://example.com/a\n", "javascript://example.com/%0aalert(1)", "http://example.com/<>", "http://0.0.0.0", "http://[1.2.3.4]", "http://a.b-",
        "http://[::ffff:1.2.3.4]/", "http://[::1", "http://example.com:", "http://example.com:abc", "http://😀.com", "http://foo.com/blah_(wikipedia)#cite-1", "http://1.1.1.1.1", "http://10.1.1", "//example.com"]


def valid(validator):
    def check(value):
        try:
            validator(value)
            return True
        except ValidationError:
            return False
        except Exception as error:
            return type(error).__name__
    return check


def main():
    table = dict(dates())
    table["duration"] = [[v, attempt(duration, v)] for v in DURATIONS]
    table["int"] = [[v, attempt(lambda x: str(int(x)), v)] for v in INTEGERS]
    table["float"] = [[v, attempt(lambda x: repr(float(x)), v)] for v in FLOATS]
    table["digits"] = digit_table()
    table["decimal"] = [[v, attempt(decimal_row, v)] for v in DECIMALS]
    table["quantize"] = list(quantized())
    table["repr(float)"] = [[v, repr(v)] for v in REPRS]
    table["str"] = [[v, str(v), repr(v), type(v).__name__] for v in VALUES]
    table["spaces"] = [c for c in range(0x10000) if chr(c).isspace()]
    table["uuid"] = [[str(v) if isinstance(v, int) else v, isinstance(v, int),
                      attempt(lambda x: str(uuid.UUID(int=x) if isinstance(x, int) else uuid.UUID(hex=x)), v)] for v in UUIDS]
    table["ipv6"] = [[v, attempt(clean_ipv6_address, v), attempt(lambda x: clean_ipv6_address(x, True), v)] for v in IPS]
    table["ipv4"] = [[v, valid(validate_ipv4_address)(v)] for v in IPV4S]
    table["email"] = [[v, valid(EmailValidator())(v)] for v in EMAILS]
    table["url"] = [[v, valid(URLValidator())(v)] for v in URLS]
    # A row a line keeps changes readable.
    parts = ["%s: [\n%s\n]" % (json.dumps(name), ",\n".join(json.dumps(row) for row in rows)) for name, rows in table.items()]
    sys.stdout.write("{\n%s\n}\n" % ",\n".join(parts))


main()
