// What the compiler knows of functions, windows and JSON: every line below an error comment must not compile.
import {
  Abs,
  Cast,
  Coalesce,
  Concat,
  Count,
  ExtractYear,
  F,
  FirstValue,
  FloatField,
  Greatest,
  JSONObject,
  KT,
  Lag,
  Length,
  Lower,
  Now,
  NullIf,
  Rank,
  Round,
  RowNumber,
  RowRange,
  Sqrt,
  Sum,
  TruncDate,
  TruncMonth,
  Value,
  Window,
} from "core-framework/db";
import { Book, Sample } from "../db/models.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(proof: Equal<A, B>): void;

export async function functions(): Promise<void> {
  const [row] = await Book.objects.annotate({
    lower: Lower("title"),
    size: Length(Lower("author__name")),
    mail: Lower("author__email"),
    rounded: Round("rating", 1),
    price2: Abs("price"),
    root: Sqrt("price"),
    rootOfPages: Sqrt("pages"),
    year: ExtractYear("publishedOn"),
    created: TruncMonth("createdAt"),
    day: TruncDate("createdAt"),
    now: Now(),
    pagesAsFloat: Cast("pages", FloatField()),
    ratingAsFloat: Cast("rating", FloatField()),
    named: Coalesce("author__email", "author__name"),
    rated: Coalesce("rating", 0),
    most: Greatest("pages", "rating"),
    maybe: NullIf("pages", 3),
    full: Concat("title", Value(" by "), "author__email"),
    json: JSONObject({ title: "title", author: "author__name" }),
  });
  same<typeof row.lower, string>(true);
  same<typeof row.size, number>(true);
  same<typeof row.mail, string | null>(true);
  same<typeof row.rounded, number | null>(true);
  same<typeof row.price2, string>(true);
  same<typeof row.root, string>(true);
  same<typeof row.rootOfPages, number>(true);
  same<typeof row.year, number | null>(true);
  same<typeof row.created, Date>(true);
  same<typeof row.day, string>(true);
  same<typeof row.now, Date>(true);
  same<typeof row.pagesAsFloat, number>(true);
  same<typeof row.ratingAsFloat, number | null>(true);
  same<typeof row.named, string>(true);
  same<typeof row.rated, number>(true);
  same<typeof row.most, number | null>(true);
  same<typeof row.maybe, number | null>(true);
  same<typeof row.full, string>(true);
  same<typeof row.json, { title: unknown; author: unknown }>(true);

  // @ts-expect-error no such field, inside a function
  Book.objects.annotate({ x: Lower("titel") });
  // @ts-expect-error no such field, inside a function of a function
  Book.objects.annotate({ x: Length(Lower(F("author__nam"))) });
  // @ts-expect-error no such field, where the result does not tell
  Book.objects.annotate({ x: Concat("title", "nothing") });
  // @ts-expect-error no such field, in an object
  Book.objects.annotate({ x: JSONObject({ a: "nothing" }) });
  // @ts-expect-error no such field, as the second of several
  Book.objects.annotate({ x: Coalesce("rating", "nothing") });
  // @ts-expect-error no such part of a date
  Book.objects.annotate({ x: F("createdAt__yaer") });

  const filtered = Book.objects.annotate({ y: ExtractYear("publishedOn"), at: TruncMonth("createdAt") });
  filtered.filter({ y__gte: 2020, at__year: 2020, at__date__month__lt: 3 });
  filtered.orderBy("-y", "at__year", Lower("title").desc());
  const years = await filtered.valuesList("at__year", { flat: true });
  same<typeof years, number[]>(true);
  // @ts-expect-error a year is a number
  filtered.filter({ y__gte: "x" });
  // @ts-expect-error no such part of an annotation
  filtered.orderBy("at__yaer");
}

export async function windows(): Promise<void> {
  const [row] = await Book.objects.annotate({
    rank: Window(Rank(), { partitionBy: "author", orderBy: "-price" }),
    before: Window(Lag("price"), { orderBy: [F("pages").desc(), "title"] }),
    first: Window(FirstValue("title"), { orderBy: "pages" }),
    framed: Window(FirstValue("title"), { orderBy: "pages", frame: RowRange({ start: 1, end: 2 }) }),
    total: Window(Sum("pages")),
    count: Window(Count("*"), { partitionBy: "author" }),
  });
  same<typeof row.rank, number>(true);
  same<typeof row.before, string | null>(true);
  same<typeof row.first, string>(true);
  same<typeof row.framed, string | null>(true);
  same<typeof row.total, number | null>(true);
  same<typeof row.count, number>(true);
  // @ts-expect-error no such field, inside a window function
  Book.objects.annotate({ x: Window(Lag("prize")) });
  // @ts-expect-error a window is made of an expression
  Window("pages");
  Book.objects.annotate({ n: Window(RowNumber()) }).filter({ n__lte: 3 });
}

export async function json(): Promise<void> {
  Sample.objects.filter({ data__owner__name: "x", data__tags__0: 3, data__a__gt: 1, data__x: null });
  Sample.objects.filter({ data__hasKey: "x", data__hasKeys: ["a", "b"], data__a__isnull: true, data__a__in: [1, "x"] });
  Sample.objects.filter({ data__contains: { a: 1 }, data__a__containedBy: [1], data__a__icontains: "x" });
  Sample.objects.orderBy("-data__owner__name").values("data__owner");
  const [row] = await Sample.objects.annotate({ a: F("data__a"), t: KT("data__a") });
  same<typeof row.a, unknown>(true);
  same<typeof row.t, string | null>(true);
  // @ts-expect-error isnull takes true or false
  Sample.objects.filter({ data__a__isnull: "x" });
  // @ts-expect-error a key is text
  Sample.objects.filter({ data__hasKey: 3 });
}

export async function dates(): Promise<void> {
  same<Awaited<ReturnType<typeof days>>, string[]>(true);
  same<Awaited<ReturnType<typeof instants>>, Date[]>(true);
  // @ts-expect-error no such field
  Book.objects.dates("publishedAt", "year");
  // @ts-expect-error no such kind of period
  Book.objects.dates("publishedOn", "hour");
}

const days = async () => await Book.objects.dates("publishedOn", "year");
const instants = async () => await Book.objects.datetimes("createdAt", "hour", "DESC", { tzinfo: "Europe/Madrid" });
