import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Connection, connections } from "core-framework/db";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models } from "./models.ts";
import { createTables } from "./schema.ts";

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());

  test("a repository reads and writes what the models do", async () => {
    const author = await Author.objects.create({ name: "Ana" });
    const repository = connection.dataSource.getRepository(Book);
    const saved = await repository.save(repository.create({ title: "The Sea", authorId: author.id, price: "12.50" }));
    const book = await Book.objects.get({ id: saved.id });
    assert.equal(book.price, "12.50");
    await book.categories.add(await Category.objects.create({ name: "fiction" }));
    const found = await repository.findOneOrFail({
      where: { id: book.id },
      relations: { author: true, categories: true },
    });
    assert.equal((await found.author).name, "Ana");
    assert.deepEqual(
      (await found.categories).map(({ name }) => name),
      ["fiction"],
    );
    assert.equal(found.createdAt.getTime(), book.createdAt.getTime());
  });

  test("a relation is still the model's own property after connecting", async () => {
    const book = await Book.objects.selectRelated("author").get({ title: "The Sea" });
    assert.ok(!(book.author instanceof Promise));
  });
});
