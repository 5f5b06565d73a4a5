// What the compiler knows of queries: every line below an error comment must not compile.
import {
  Avg,
  Case,
  Count,
  Exists,
  F,
  type ManyRelated,
  Max,
  OuterRef,
  Prefetch,
  Q,
  QuerySet,
  Subquery,
  Sum,
  Value,
  When,
} from "core-framework/db";
import { Author, Book, type Category, Country, Review, Sample } from "../db/models.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(proof: Equal<A, B>): void;
declare const maybe: number | undefined;
declare const category: Category;
declare const author: Author;

export async function lookups(): Promise<void> {
  Book.objects.filter({
    title: "x",
    title__icontains: "x",
    pages__gte: 3,
    createdAt__lt: new Date(),
    createdAt__date: "2026-01-01",
  });
  Book.objects.filter({
    author__bornOn__year: 1950,
    author__bornOn__year__gte: 1950,
    author__mentor__mentor__name: "x",
  });
  Book.objects.filter({
    author,
    author__in: [author, 3],
    author__isnull: true,
    authorId: 3,
    author__id: 3,
    author__pk: 3,
  });
  Book.objects.filter({ categories: category, categories__name__in: ["a"], categories__isnull: false });
  Book.objects.filter({
    rating: null,
    rating__isnull: true,
    id__in: [1, 2],
    pk: 1,
    pages__range: [1, 2],
    price__gt: F("pages"),
  });
  Book.objects.filter({ id__in: Book.objects.filter({ id: 1 }), author__in: Author.objects.all() });
  Book.objects.filter({ reviews__stars__gt: 3, reviews__book__author__name: "x" });
  Author.objects.filter({ books__categories__name: "x", mentor: null, students__name: "y" });
  Sample.objects.filter({ big__gt: 3n, big: 3, data: { a: 1 }, uid: "x" });
  Country.objects.filter({ pk: "fr", code__in: ["fr"] });
  Book.objects.filter(Q({ title: "x" }).or({ pages: 1 }).not(), { title: "y" });
  Book.objects.filter({}).exclude({ title__startswith: "x" });

  // @ts-expect-error no such field
  Book.objects.filter({ titel: "x" });
  // @ts-expect-error no such field at the other side
  Book.objects.filter({ author__nme: "x" });
  // @ts-expect-error no such lookup
  Book.objects.filter({ title__icontain: "x" });
  // @ts-expect-error a date part of a number
  Book.objects.filter({ pages__year: 3 });
  // @ts-expect-error the wrong type
  Book.objects.filter({ pages: "3" });
  // @ts-expect-error the wrong type of a list
  Book.objects.filter({ pages__in: ["3"] });
  // @ts-expect-error null where there is none
  Book.objects.filter({ title: null });
  // @ts-expect-error undefined
  Book.objects.filter({ id: undefined });
  // @ts-expect-error perhaps undefined
  Book.objects.filter({ id: maybe });
  // @ts-expect-error another model
  Book.objects.filter({ author: category });
  // @ts-expect-error isnull takes a boolean
  Book.objects.filter({ rating__isnull: 1 });
  // @ts-expect-error a range has two ends
  Book.objects.filter({ pages__range: [1] });
  // @ts-expect-error no such field in get
  await Book.objects.get({ nope: 1 });
  // @ts-expect-error no such field in exclude
  Book.objects.exclude({ author__mentor__nope: 1 });
  // @ts-expect-error a method is no field
  Book.objects.filter({ save: 1 });
}

export async function names(name: string): Promise<void> {
  Book.objects.orderBy("-createdAt", "author__name", "?", "pk", "-author__mentor__bornOn");
  Book.objects.orderByNames([name]);
  Book.objects.prefetchRelated("categories", "reviews__book", "author__books");
  // @ts-expect-error no such field
  Book.objects.orderBy("createdat");
  // @ts-expect-error no such field at the other side
  Book.objects.orderBy("-author__nme");
  // @ts-expect-error no such relation
  Book.objects.selectRelated("autor");
  // @ts-expect-error no such relation
  Book.objects.prefetchRelated("reviews__nope");
}

export async function results(): Promise<void> {
  const book = await Book.objects.selectRelated("author__mentor").get({ id: 1 });
  same<typeof book.author.name, string>(true);
  same<NonNullable<typeof book.author.mentor>["name"], string>(true);
  // @ts-expect-error there may be no mentor
  book.author.mentor.name;
  const plain = await Book.objects.get({ id: 1 });
  // @ts-expect-error not loaded, so it has to be awaited
  plain.author.name;
  same<Awaited<typeof plain.author>, Author>(true);
  const [counted] = await Book.objects
    .annotate({
      n: Count("reviews"),
      s: Avg("reviews__stars"),
      m: Max("reviews__text"),
      e: Exists(Review.objects.filter({ book: OuterRef("pk") })),
    })
    .filter({ n__gt: 2 })
    .orderBy("-n");
  same<typeof counted.n, number>(true);
  same<typeof counted.s, number | null>(true);
  same<typeof counted.m, string | null>(true);
  same<typeof counted.e, boolean>(true);
  counted.title;
  // @ts-expect-error no such relation
  Book.objects.annotate({ n: Count("reviws") });
  // @ts-expect-error no such field
  Book.objects.annotate({ n: Sum("reviews__nope") });
  const [row] = await Book.objects.values("title", "author__name", "author", "rating");
  same<
    [typeof row.title, typeof row.author__name, typeof row.author, typeof row.rating],
    [string, string, number, number | null]
  >(true);
  // @ts-expect-error not among the values
  row.pages;
  const flat = await Book.objects.valuesList("pages", { flat: true });
  same<typeof flat, number[]>(true);
  const [pair] = await Book.objects.valuesList("pages", "title");
  same<typeof pair, [number, string]>(true);
  // @ts-expect-error no such field
  Book.objects.values("nope");
  const reviews: ManyRelated<Review> = plain.reviews;
  const list: Review[] = await reviews;
  list[0].stars;
  const narrowed: QuerySet<Book> = plain.categories.filter({ name: "x" }) as never;
  narrowed.filter({ title: "x" });
}

export async function writes(): Promise<void> {
  await Book.objects.create({ title: "x", author, price: "1.00" });
  await Book.objects.create({ title: "x", authorId: 3 });
  await Book.objects.filter({ id: 1 }).update({ title: "x", pages: F("pages").add(1), author, rating: null });
  await author.books.create({ title: "x" });
  await author.books.add(await Book.objects.get({ id: 1 }), 3);
  // @ts-expect-error no such field
  await Book.objects.create({ titel: "x" });
  // @ts-expect-error the wrong type
  await Book.objects.create({ title: 3 });
  // @ts-expect-error relations to many are set afterwards
  await Book.objects.create({ title: "x", categories: [] });
  // @ts-expect-error no such field
  await Book.objects.all().update({ nope: 1 });
  // @ts-expect-error the wrong type
  await Book.objects.all().update({ pages: "x" });
  // @ts-expect-error another model
  await author.books.add(category);
}

export async function narrowing(): Promise<void> {
  const [partial] = await Book.objects.only("title");
  same<typeof partial.title, string>(true);
  partial.id;
  await partial.save();
  // @ts-expect-error it is not loaded
  partial.pages;
  // @ts-expect-error no such column
  Book.objects.only("nope");
  const [without] = await Book.objects.defer("price");
  without.title;
  // @ts-expect-error it is not loaded
  without.price;

  const all = await Book.objects.aggregate({
    n: Count("*"),
    mean: Avg("price"),
    last: Max("publishedOn"),
    sum: Sum("pages"),
  });
  same<typeof all, { n: number; mean: string | null; last: string | null; sum: number | null }>(true);
  const filled = await Book.objects.aggregate({ sum: Sum("pages", { default: 0 }) });
  same<typeof filled.sum, number>(true);
  // @ts-expect-error no such column
  Book.objects.aggregate({ n: Sum("nope") });

  const groups = await Book.objects.values("status", "author__name").annotate({ n: Count("id"), worth: Sum("price") });
  same<(typeof groups)[0]["n"], number>(true);
  same<(typeof groups)[0]["author__name"], string>(true);
  Book.objects
    .values("status")
    .annotate({ n: Count("id") })
    .filter({ n__gt: 1 })
    .orderBy("-n");
  // @ts-expect-error what was annotated is a number
  Book.objects.annotate({ n: Count("reviews") }).filter({ n: "1" });

  const [computed] = await Book.objects.annotate({
    of: F("author__name"),
    year: F("createdAt__year"),
    more: F("pages").add(1),
    four: Value(4),
    size: Case(When({ pages__gt: 9 }, "long"), { default: "short" }),
    best: Subquery(
      Review.objects
        .filter({ book: OuterRef("pk") })
        .valuesList("stars", { flat: true })
        .slice(0, 1),
    ),
    isLong: Q({ pages__gt: 9 }),
  });
  same<typeof computed.of, string>(true);
  same<typeof computed.year, number>(true);
  same<typeof computed.more, number>(true);
  same<typeof computed.four, 4>(true);
  same<typeof computed.size, "long" | "short">(true);
  same<typeof computed.best, number | null>(true);
  same<typeof computed.isLong, boolean>(true);
  // @ts-expect-error no such column
  Book.objects.annotate({ x: F("nope") });
  // @ts-expect-error no such column at the other side
  Book.objects.annotate({ x: F("author__nope") });
  // @ts-expect-error a part of a date
  Book.objects.annotate({ x: F("pages__year") });
  const again = await Book.objects.annotate({ n: Count("reviews") }).annotate({ m: F("n") });
  same<(typeof again)[0]["m"], number>(true);
}

export async function conditions(): Promise<void> {
  Book.objects.filter(
    Q({ title: "x" }).and({ author__name: "y" }),
    Exists(Review.objects.filter({ book: OuterRef("pk") })),
  );
  // @ts-expect-error no such field inside a Q
  Book.objects.filter(Q({ nope: 1 }));
  // @ts-expect-error no such field inside a Q that is part of another
  Book.objects.filter(Q({ title: "x" }).or({ nope: 1 }));
  // @ts-expect-error the wrong type inside a Q
  Book.objects.filter(Q({ pages: "x" }).not());
  Book.objects.orderBy(F("rating").desc({ nullsLast: true }), "title");
  // @ts-expect-error raw takes no text
  Book.objects.raw("SELECT 1");
  const raw = await Book.objects.raw`SELECT * FROM library_book WHERE id = ${1}`;
  same<typeof raw, Book[]>(true);
  const [filled] = await Book.objects.prefetchRelated(
    "categories",
    new Prefetch("reviews", { queryset: Review.objects.filter({ stars: 5 }), toAttr: "best" }),
  );
  same<typeof filled.best, Review[]>(true);
  // @ts-expect-error no such relation
  Book.objects.prefetchRelated(new Prefetch("nope"));
}

class BookQuerySet extends QuerySet<Book> {
  long() {
    return this.filter({ pages__gt: 500 });
  }
}

export async function querysets(): Promise<void> {
  const manager = BookQuerySet.asManager();
  const books: Book[] = await manager.filter({ status: "x" }).long().orderBy("title").long();
  books[0].title;
  same<Awaited<ReturnType<typeof manager.count>>, number>(true);
  // @ts-expect-error no such method
  manager.short();
}
