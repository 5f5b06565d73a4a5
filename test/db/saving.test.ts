import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CharField,
  connections,
  finalizeModels,
  IntegerField,
  JSONField,
  type Manager,
  Model,
  model,
} from "core-framework/db";
import { DataError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, models, Sample } from "./models.ts";
import { createTables } from "./schema.ts";

let count = 0;

@model({ appLabel: "saving" })
class Draft extends Model {
  declare static objects: Manager<Draft>;
  @CharField({ maxLength: 20 }) title!: string;
  @JSONField({ default: ["new"] }) tags!: unknown;
  @IntegerField({ default: () => ++count }) number!: number;
}

finalizeModels([Draft]);

forEachDatabase((_name, makeUrl) => {
  before(async () => createTables(await connectTo(makeUrl), models));
  after(() => connections.closeAll());

  /** The statements that something sends. */
  async function sent(run: () => Promise<unknown>): Promise<string[]> {
    const statements: string[] = [];
    const stop = connections.get().onQuery(({ sql }) => statements.push(sql));
    try {
      await run();
    } finally {
      stop();
    }
    return statements;
  }

  const setClause = (sql: string) => /SET (.*) WHERE/.exec(sql)?.[1].replace(/\$\d+|\?/g, "?");

  describe("an object that was read", () => {
    test("is saved by one UPDATE of what has changed, and by none where nothing has", async () => {
      const { id } = await Author.objects.create({ name: "Ana" });
      const author = await Author.objects.get({ id });
      assert.deepEqual(await sent(() => author.save()), []);
      author.name = "Bea";
      author.bornOn = "1950-01-31";
      assert.deepEqual((await sent(() => author.save())).map(setClause), ['"name" = ?, "born_on" = ?']);
      author.name = "Ana";
      assert.deepEqual((await sent(() => author.save())).map(setClause), ['"name" = ?']);
      assert.deepEqual(await sent(() => author.save()), []);
    });

    test("is compared by value: the same instant, decimal or JSON is no change, one inside of it is", async () => {
      const { id } = await Sample.objects.create({ amount: "1.5000", moment: new Date(1234), data: { tags: ["a"] } });
      const sample = await Sample.objects.get({ id });
      sample.moment = new Date((sample.moment as Date).getTime());
      sample.amount = "1.5";
      sample.data = { tags: ["a"] };
      assert.deepEqual(await sent(() => sample.save()), []);
      (sample.data as { tags: string[] }).tags.push("b");
      assert.deepEqual((await sent(() => sample.save())).map(setClause), ['"data" = ?']);
      assert.deepEqual((await Sample.objects.get({ id })).data, { tags: ["a", "b"] });
    });

    test("with updateFields only those are looked at, whatever the others hold", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      Object.assign(author, { name: "Bea", bornOn: "no date" });
      await author.save({ updateFields: ["name"] });
      assert.equal((await Author.objects.get({ id: author.id })).name, "Bea");
      await assert.rejects(author.save(), DataError);
    });
  });

  describe("a new object", () => {
    test("has defaults of its own, made anew each time", () => {
      count = 0;
      const [one, other] = [new Draft(), new Draft()];
      (one.tags as string[]).push("changed");
      assert.deepEqual([other.tags, new Draft().tags], [["new"], ["new"]]);
      assert.deepEqual([one.number, other.number], [1, 2]);
      assert.deepEqual([new Draft({ number: 9 }).number, new Draft({ title: undefined }).title], [9, ""]);
    });

    test("that was inserted knows what was sent, and saves only what changes after that", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const book = await Book.objects.create({ title: "The Sea", author, price: "10.5" });
      book.pages = 3;
      const [sql, ...more] = await sent(() => book.save({ updateFields: ["pages", "title"] }));
      assert.deepEqual([setClause(sql), more], ['"pages" = ?', []]);
    });
  });

  describe("bulkCreate()", () => {
    test("gives each object its own key, in batches, beside objects that have one", async () => {
      const names = Array.from({ length: 25 }, (_, n) => `Author ${n}`);
      const authors = names.map((name, n) => new Author(n % 10 === 3 ? { id: 9000 + n, name } : { name }));
      await Author.objects.bulkCreate(authors, { batchSize: 10 });
      for (const { id, name } of authors) assert.equal((await Author.objects.get({ id })).name, name);
      assert.deepEqual([authors[3].id, authors[13].id, authors[23].id], [9003, 9013, 9023]);
      assert.deepEqual(await sent(() => authors[7].save()), []);
    });

    test("says which value does not fit before anything is sent", async () => {
      const authors = [new Author({ name: "fits" }), new Author({ name: "x".repeat(101) })];
      const statements = await sent(() => assert.rejects(Author.objects.bulkCreate(authors), DataError));
      assert.deepEqual(statements, []);
    });
  });
});
