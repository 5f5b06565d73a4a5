import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import {
  ArrayAgg,
  ArrayField,
  BitAnd,
  BitOr,
  BitXor,
  BoolAnd,
  BoolOr,
  CharField,
  type Connection,
  connections,
  DateTimeRangeField,
  F,
  finalizeModels,
  HStoreField,
  IntegerField,
  IntegerRangeField,
  JSONBAgg,
  Lower,
  type Manager,
  Model,
  type ModelClass,
  model,
  Range,
  SearchHeadline,
  SearchQuery,
  type SearchQueryExpression,
  SearchRank,
  SearchVector,
  SearchVectorField,
  SHA1,
  TextField,
  TrigramDistance,
  TrigramSimilarity,
  TrigramStrictWordDistance,
  TrigramStrictWordSimilarity,
  TrigramWordDistance,
  TrigramWordSimilarity,
  Value,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { FieldError, NotSupportedError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Book } from "./models.ts";
import { createTables } from "./schema.ts";

@model({ appLabel: "pglookups" })
class Crate extends Model {
  declare static objects: Manager<Crate>;
  @CharField({ maxLength: 30 }) name!: string;
  @ArrayField(CharField({ maxLength: 3 }), { null: true }) tags!: string[] | null;
  @ArrayField(ArrayField(IntegerField()), { null: true }) grid!: number[][] | null;
  @HStoreField({ null: true }) facts!: Record<string, string | null> | null;
  @IntegerRangeField({ null: true }) ints!: Range<number> | null;
  @DateTimeRangeField({ null: true }) open!: Range<Date> | null;
  @SearchVectorField({ null: true }) words!: string | null;
  @TextField({ default: "" }) text!: string;
}

finalizeModels([Crate] as unknown as ModelClass[]);

forEachDatabase((name, makeUrl) => {
  let connection: Connection;
  after(() => connections.closeAll());

  if (name === "sqlite") {
    test("lookups of PostgreSQL alone are refused", async () => {
      connection = await connectTo(makeUrl);
      await createTables(connection, [Book as never]);
      await assert.rejects(Book.objects.filter({ title__search: "x" }).count(), NotSupportedError);
      await assert.rejects(Book.objects.where("title__trigramSimilar", "x").count(), NotSupportedError);
      const searched = Book.objects.annotate({ vector: SearchVector("title") });
      await assert.rejects(searched.filter({ vector: SearchQuery("x") }).count(), NotSupportedError);
      await assert.rejects(Book.objects.aggregate({ all: ArrayAgg("title") }), NotSupportedError);
      assert.equal(await Book.objects.annotate({ hash: SHA1("title") }).count(), 0);
    });
    return;
  }

  before(async () => {
    connection = await connectTo(makeUrl);
    await connection.execute("CREATE EXTENSION IF NOT EXISTS hstore");
    await withSchemaEditor((editor) => editor.createModel(Crate));
    await Crate.objects.create({
      name: "a",
      tags: ["x", "y"],
      grid: [
        [1, 2],
        [3, 4],
      ],
      facts: { color: "red", "it's": "odd", none: null },
      ints: new Range(1, 5),
      open: new Range(new Date("2026-01-01T00:00:00Z"), null),
      words: "'cat':1 'sea':2",
      text: "The cats of the sea",
    });
    await Crate.objects.create({ name: "b", tags: ["y"], facts: { color: "blue" }, ints: new Range(5, 10) });
    await Crate.objects.create({ name: "c", tags: [], facts: {}, ints: Range.empty(), text: "A lake" });
    await Crate.objects.create({ name: "null" });
  });

  const where = async (path: string, value: unknown) =>
    (await Crate.objects.where(path, value).orderBy("name")).map((crate) => crate.name);

  test("arrays: what they contain, how long they are, items and slices", async () => {
    assert.deepEqual(await where("tags__contains", ["y"]), ["a", "b"]);
    assert.deepEqual(await where("tags__containedBy", ["y", "z"]), ["b", "c"]);
    assert.deepEqual(await where("tags__overlap", ["x", "z"]), ["a"]);
    assert.deepEqual(await where("tags", ["x", "y"]), ["a"]);
    assert.deepEqual(await where("tags__len", 0), ["c"]);
    assert.deepEqual(await where("tags__len__gte", 1), ["a", "b"]);
    assert.deepEqual(await where("tags__0", "y"), ["b"]);
    assert.deepEqual(await where("tags__1__iexact", "Y"), ["a"]);
    assert.deepEqual(await where("tags__0_1", ["x"]), ["a"]);
    assert.deepEqual(await where("grid__1__0", 3), ["a"]);
    assert.deepEqual(await where("tags__isnull", true), ["null"]);
    const others = await Crate.objects.exclude({ tags__0: "x" }).orderBy("name");
    assert.deepEqual(
      others.map((crate) => crate.name),
      ["b", "c", "null"],
    );
    const [row] = await Crate.objects.filter({ name: "a" }).annotate({ first: F("tags__0"), n: F("tags__len") });
    assert.deepEqual([row.first, row.n], ["x", 2]);
    assert.throws(() => Crate.objects.where("tags__icontains", "x"), FieldError);
  });

  test("hstores: keys, values and what they contain", async () => {
    assert.deepEqual(await where("facts__color", "red"), ["a"]);
    assert.deepEqual(await where("facts__color__startswith", "b"), ["b"]);
    assert.deepEqual(await where("facts__it's", "odd"), ["a"]);
    assert.deepEqual(await where("facts__contains", { color: "red" }), ["a"]);
    assert.deepEqual(await where("facts__containedBy", { color: "blue", more: "1" }), ["b", "c"]);
    assert.deepEqual(await where("facts__hasKey", "none"), ["a"]);
    assert.deepEqual(await where("facts__hasKeys", ["color", "it's"]), ["a"]);
    assert.deepEqual(await where("facts__hasAnyKeys", new Set(["none", "color"])), ["a", "b"]);
    assert.deepEqual(await where("facts__keys", ["color"]), ["b"]);
    assert.deepEqual(await where("facts__values__contains", ["blue"]), ["b"]);
    assert.deepEqual(await where("facts__color__isnull", true), ["c", "null"]);
  });

  test("ranges: values, other ranges and their ends", async () => {
    assert.deepEqual(await where("ints__contains", 4), ["a"]);
    assert.deepEqual(await where("ints__contains", new Range(6, 8)), ["b"]);
    assert.deepEqual(await where("ints__containedBy", new Range(0, 5)), ["a", "c"]);
    assert.deepEqual(await where("ints__overlap", new Range(4, 6)), ["a", "b"]);
    assert.deepEqual(await where("ints__fullyLt", new Range(5, 7)), ["a"]);
    assert.deepEqual(await where("ints__fullyGt", new Range(1, 5)), ["b"]);
    assert.deepEqual(await where("ints__notLt", new Range(5, 7)), ["b"]);
    assert.deepEqual(await where("ints__notGt", new Range(1, 5)), ["a"]);
    assert.deepEqual(await where("ints__adjacentTo", new Range(5, 6)), ["a"]);
    assert.deepEqual(await where("ints__startswith", 5), ["b"]);
    assert.deepEqual(await where("ints__endswith__lte", 5), ["a"]);
    assert.deepEqual(await where("ints__isempty", true), ["c"]);
    assert.deepEqual(await where("ints__lowerInc", false), ["c"]);
    assert.deepEqual(await where("open__upperInf", true), ["a"]);
    assert.deepEqual(await where("open__contains", new Date("2027-01-01T00:00:00Z")), ["a"]);
    assert.deepEqual(await where("open__startswith__year", 2026), ["a"]);
    assert.deepEqual(await where("ints", new Range(1, 5)), ["a"]);
  });

  test("other columns may be contained, and one's own comparisons take expressions", async () => {
    assert.deepEqual(await where("tags__contains", F("tags")), ["a", "b", "c"]);
    assert.deepEqual(await where("ints__overlap", F("ints")), ["a", "b"]);
    assert.deepEqual(await where("facts__hasKey", Lower(Value("COLOR"))), ["a", "b"]);
    assert.throws(() => Crate.objects.where("tags__isnull", F("tags")), /takes true or false/);
  });

  test("full text search of texts and of vectors", async () => {
    assert.deepEqual(await where("text__search", "cat"), ["a"]);
    assert.deepEqual(await where("words__search", "sea cat"), ["a"]);
    assert.deepEqual(await where("words", SearchQuery("sea")), ["a"]);
    assert.deepEqual(await where("words__search", "'; DROP"), []);
  });

  test("vectors of columns are searched, ranked and shown", async () => {
    const vector = SearchVector("text", { weight: "A", config: "english" }).concat(
      SearchVector("name", { weight: "B" }),
    );
    const searched = Crate.objects.annotate({ vector });
    const found = async (query: SearchQueryExpression | string) =>
      searched.filter({ vector: query }).orderBy("name").valuesList("name", { flat: true });
    assert.deepEqual(await found("cat"), ["a"]);
    assert.deepEqual(await found(SearchQuery("cat").or(SearchQuery("lake"))), ["a", "c"]);
    assert.deepEqual(await found(SearchQuery("sea").and(SearchQuery("lake").not())), ["a"]);
    assert.deepEqual(await found(SearchQuery("cats of the sea", { searchType: "phrase" })), ["a"]);
    assert.deepEqual(await found(SearchQuery("lake -sea", { searchType: "websearch", config: "english" })), ["c"]);
    const [best] = await searched
      .annotate({
        rank: SearchRank(F("vector"), SearchQuery("cat"), { weights: [0, 0, 0, 1], normalization: 1 }),
        cover: SearchRank("text", "cat", { coverDensity: true }),
        head: SearchHeadline("text", "cat", { startSel: "<b>", stopSel: "</b>" }),
      })
      .orderBy("-rank");
    assert.equal(best.name, "a");
    assert.ok(best.rank > 0 && best.cover > 0);
    assert.equal(best.head, "The <b>cats</b> of the sea");
    assert.throws(() => SearchVector("text", { config: "x'; DROP" }), FieldError);
    assert.throws(() => SearchQuery("x", { searchType: "other" as never }), FieldError);
  });

  test("aggregates of arrays, JSON, truth and bits", async () => {
    const all = await Crate.objects.aggregate({
      names: ArrayAgg("name", { orderBy: "-name" }),
      some: ArrayAgg("name", { filter: { tags__len__gt: 1 }, distinct: true }),
      none: ArrayAgg("name", { filter: { name: "x" } }),
      empty: ArrayAgg("name", { filter: { name: "x" }, default: Value([]) }),
      sizes: JSONBAgg("tags__len", { orderBy: "name" }),
      every: BoolAnd(F("ints__isempty")),
      any: BoolOr(F("ints__isempty")),
      and: BitAnd("tags__len", { filter: { tags__len__gt: 0 } }),
      or: BitOr("tags__len"),
      xor: BitXor("tags__len"),
    });
    assert.deepEqual(all, {
      names: ["null", "c", "b", "a"],
      some: ["a"],
      none: null,
      empty: [],
      sizes: [2, 1, 0, null],
      every: false,
      any: true,
      and: 0,
      or: 3,
      xor: 3,
    });
    const names: string[] | null = all.names;
    assert.equal(names?.length, 4);
    const groups = await Crate.objects
      .values("tags__len")
      .annotate({ names: ArrayAgg("name") })
      .orderBy("tags__len");
    assert.deepEqual(groups[0], { tags__len: 0, names: ["c"] });
  });

  test("texts that are alike, without accents, and hashed", async () => {
    for (const extension of ["pg_trgm", "unaccent", "pgcrypto"]) {
      await connection.execute(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
    }
    assert.deepEqual(await where("text__trigramSimilar", "The cat of the see"), ["a"]);
    assert.deepEqual(await where("text__trigramWordSimilar", "lakes"), ["c"]);
    assert.deepEqual(await where("text__unaccent__icontains", "lake"), ["c"]);
    const rows = await Crate.objects.filter({ name: "c" }).annotate({
      alike: TrigramSimilarity("text", "A lake"),
      apart: TrigramDistance("text", "A lake"),
      word: TrigramWordSimilarity("lake", "text"),
      strict: TrigramStrictWordSimilarity("lake", "text"),
      wordApart: TrigramWordDistance("lake", "text"),
      strictApart: TrigramStrictWordDistance("lake", "text"),
      sha1: SHA1("text"),
    });
    const [{ alike, apart, word, strict, wordApart, strictApart, sha1 }] = rows;
    assert.deepEqual([alike, apart, word, strict, wordApart, strictApart], [1, 0, 1, 1, 0, 0]);
    assert.equal(sha1, createHash("sha1").update("A lake").digest("hex"));
  });
});
