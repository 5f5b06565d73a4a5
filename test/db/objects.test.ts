import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import {
  type Connection,
  connections,
  F,
  m2mChanged,
  postDelete,
  postSave,
  preDelete,
  preSave,
  Value,
} from "core-framework/db";
import { DatabaseError, FieldError, IntegrityError, ProtectedError, RestrictedError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Award, Book, Category, Country, Loan, models, Profile, Review } from "./models.ts";
import { createTables } from "./schema.ts";

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  let statements: string[] = [];
  let execute: Connection["execute"];

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
    execute = connection.execute;
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    await Loan.objects.all().delete();
    await Award.objects.all().delete();
    await Author.objects.all().delete();
    await Category.objects.all().delete();
    await Country.objects.all().delete();
    statements = [];
    connection.execute = function (sql, ...rest) {
      statements.push(sql);
      return execute.call(this, sql, ...rest);
    };
  });
  afterEach(() => {
    connection.execute = execute;
  });

  describe("saving", () => {
    test("an expression is computed by the database, and its value read back", async () => {
      const book = await Book.objects.create({
        title: "x",
        author: await Author.objects.create({ name: "Ana" }),
        pages: 5,
      });
      const other = await Book.objects.get({ id: book.id });
      for (const each of [book, other]) {
        Object.assign(each, { pages: F("pages").add(1), status: "new" });
        await each.save();
      }
      assert.deepEqual([book.pages, other.pages, other.status], [6, 7, "new"]);
      statements = [];
      await other.save();
      assert.ok(statements.every((sql) => !sql.includes('"pages"')));
      const made = new Book({ title: "y", authorId: other.authorId });
      Object.assign(made, { pages: Value(3).add(4) });
      await made.save();
      assert.equal((await Book.objects.get({ id: made.id })).pages, 7);
      await assert.rejects(
        Object.assign(new Book({ title: "z", authorId: other.authorId }), { pages: F("pages") }).save(),
        /can only be used to update/,
      );
    });

    test("a new object is one INSERT, with defaults and its key", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const book = new Book({ title: "The Sea", author });
      assert.deepEqual([book.pk, book.status, book.price], [null, "draft", "0.00"]);
      statements = [];
      await book.save();
      assert.equal(statements.length, 1);
      assert.equal(typeof book.id, "number");
      assert.ok(book.createdAt instanceof Date);
    });

    test("a change is one UPDATE of what has changed, and no change is no statement", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const fresh = await Author.objects.get({ id: author.id });
      statements = [];
      await fresh.save();
      assert.deepEqual(statements, []);
      fresh.name = "Eva";
      fresh.bornOn = "1950-02-03";
      await fresh.save();
      fresh.bornOn = "1950-02-03";
      await fresh.save();
      assert.equal(statements.length, 1);
      assert.match(statements[0], /^UPDATE "library_author" SET "name" = [^,]+, "born_on" = [^,]+ WHERE "id" = \S+$/);
      assert.equal((await Author.objects.get({ id: author.id })).name, "Eva");
    });

    test("updateFields writes these fields only", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      author.name = "Eva";
      author.email = "eva@example.org";
      await author.save({ updateFields: ["name"] });
      const fresh = await Author.objects.get({ id: author.id });
      assert.deepEqual([fresh.name, fresh.email], ["Eva", null]);
      await assert.rejects(author.save({ updateFields: ["nope"] }), FieldError);
      await fresh.delete();
      author.name = "Ida";
      await assert.rejects(author.save({ updateFields: ["name"] }), (error: Error) => {
        return error instanceof DatabaseError && /did not affect any rows/.test(error.message);
      });
    });

    test("a key of one's own updates the row that has it, and inserts where there is none", async () => {
      await new Country({ code: "fr", name: "France" }).save();
      await new Country({ code: "fr", name: "La France" }).save();
      assert.deepEqual(await Country.objects.valuesList("code", "name"), [["fr", "La France"]]);
      await assert.rejects(Country.objects.create({ code: "fr", name: "again" }), IntegrityError);
    });

    test("an unsaved relation is refused, one saved since is adopted", async () => {
      const author = new Author({ name: "Ana" });
      const book = new Book({ title: "x", author });
      await assert.rejects(book.save(), /unsaved related object "author"/);
      await author.save();
      await book.save();
      assert.equal(book.authorId, author.id);
    });

    test("unknown names and relations to many are no values", () => {
      assert.throws(
        () => new Book({ titel: "x" }),
        (error: FieldError) => error.hint === 'Did you mean "title"?',
      );
      assert.throws(() => new Book({ categories: [] }), /leads to many rows/);
    });

    test("refreshFromDb reads the row again", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      await Author.objects.filter({ id: author.id }).update({ name: "Eva", email: "e@example.org" });
      await author.refreshFromDb({ fields: ["name"] });
      assert.deepEqual([author.name, author.email], ["Eva", null]);
      await author.refreshFromDb();
      assert.equal(author.email, "e@example.org");
      statements = [];
      await author.save();
      assert.deepEqual(statements, []);
      await author.delete();
      author.id = 7;
      await assert.rejects(author.refreshFromDb(), Author.DoesNotExist);
    });

    test("objects are equal by model and key", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      assert.ok(author.equals(await Author.objects.get({ id: author.id })));
      assert.ok(!author.equals(await Category.objects.create({ id: author.id, name: "x" })));
      assert.ok(!new Author().equals(new Author()));
      assert.equal(String(new Category()), "Category object (None)");
    });

    test("bulkCreate inserts in batches and gives the keys", async () => {
      const categories = Array.from({ length: 250 }, (_, index) => new Category({ name: `c${index}` }));
      await Category.objects.bulkCreate(categories, { batchSize: 100 });
      assert.equal(statements.filter((sql) => sql.startsWith("INSERT")).length, 3);
      assert.equal((await Category.objects.get({ id: categories[249].id })).name, "c249");
      await Category.objects.bulkCreate([new Category({ name: "c1" }), new Category({ name: "new" })], {
        ignoreConflicts: true,
      });
      assert.equal(await Category.objects.count(), 251);
    });
  });

  describe("deleting", () => {
    test("takes what refers to it along, and tells how many", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const student = await Author.objects.create({ name: "Bob", mentor: author });
      const book = await Book.objects.create({ title: "x", author });
      await book.categories.add(await Category.objects.create({ name: "c" }));
      await Review.objects.create({ book, stars: 1 });
      await Profile.objects.create({ author, nickname: "n" });
      assert.deepEqual(await author.delete(), [
        5,
        {
          "library.Review": 1,
          "library.Book_categories": 1,
          "library.Profile": 1,
          "library.Book": 1,
          "library.Author": 1,
        },
      ]);
      await student.refreshFromDb();
      assert.equal(student.mentorId, null);
      assert.deepEqual([author.pk, await Category.objects.count()], [null, 1]);
      assert.deepEqual(await Book.objects.filter({ title: "none" }).delete(), [0, {}]);
    });

    test("PROTECT refuses and lists what is in the way", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const loan = await Loan.objects.create({ book: await Book.objects.create({ title: "x", author }) });
      await assert.rejects(author.delete(), (error: Error) => {
        assert.ok(error instanceof ProtectedError);
        assert.ok((error.protectedObjects[0] as Loan).equals(loan));
        assert.equal(
          error.message,
          "Cannot delete some instances of model 'Author' because they are referenced through protected foreign keys: 'Book.author'.",
        );
        return true;
      });
      assert.equal(await Author.objects.count(), 1);
    });

    test("RESTRICT refuses unless the referring row goes as well", async () => {
      const author = await Author.objects.create({ name: "Ana" });
      const book = await Book.objects.create({ title: "x", author });
      const award = await Award.objects.create({ book });
      await assert.rejects(book.delete(), RestrictedError);
      award.author = author;
      await award.save();
      await assert.rejects(book.delete(), RestrictedError);
      await author.delete();
      assert.equal(await Award.objects.count(), 0);
    });

    test("rows that refer to each other go together", async () => {
      const [a, b] = [await Author.objects.create({ name: "a" }), await Author.objects.create({ name: "b" })];
      a.mentor = b;
      b.mentor = a;
      await a.save();
      await b.save();
      assert.deepEqual(await Author.objects.all().delete(), [2, { "library.Author": 2 }]);
    });
  });

  describe("signals", () => {
    test("are sent around saving and deleting, with what Django says", async () => {
      const seen: unknown[] = [];
      const receivers = [
        [preSave, () => seen.push("preSave")],
        [
          postSave,
          ({ created, updateFields }: { created: boolean; updateFields: unknown }) =>
            seen.push([created, updateFields]),
        ],
        [preDelete, ({ instance }: { instance: Author }) => seen.push(`preDelete ${instance.name}`)],
        [postDelete, ({ instance }: { instance: Author }) => seen.push(typeof instance.id)],
      ] as const;
      for (const [signal, receiver] of receivers) signal.connect(receiver as never, { sender: Author });
      try {
        const author = await Author.objects.create({ name: "Ana" });
        author.name = "Eva";
        await author.save({ updateFields: ["name"] });
        await Category.objects.create({ name: "other sender" });
        await Author.objects.all().delete();
      } finally {
        for (const [signal, receiver] of receivers) signal.disconnect(receiver as never, { sender: Author });
      }
      assert.deepEqual(seen, ["preSave", [true, null], "preSave", [false, ["name"]], "preDelete Eva", "number"]);
    });

    test("tell changes of a many-to-many relation from both sides", async () => {
      const seen: unknown[] = [];
      const receiver = ({
        action,
        reverse,
        pkSet,
      }: {
        action: string;
        reverse: boolean;
        pkSet: ReadonlySet<unknown> | null;
      }) => seen.push([action, reverse, pkSet?.size ?? null]);
      m2mChanged.connect(receiver);
      try {
        const book = await Book.objects.create({ title: "x", author: await Author.objects.create({ name: "Ana" }) });
        const category = await Category.objects.create({ name: "c" });
        await book.categories.add(category);
        await book.categories.add(category);
        await category.books.clear();
      } finally {
        m2mChanged.disconnect(receiver);
      }
      assert.deepEqual(seen, [
        ["preAdd", false, 1],
        ["postAdd", false, 1],
        ["preAdd", false, 0],
        ["postAdd", false, 0],
        ["preClear", true, null],
        ["postClear", true, null],
      ]);
    });
  });
});
