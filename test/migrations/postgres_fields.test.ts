import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connections } from "core-framework/db";
import { fields, Range } from "core-framework/migrations";
import { forEachDatabase } from "../support/databases.ts";
import { configureDatabases, model, Project } from "./project.ts";

const shelf = (size: number) =>
  model("library.Shelf", {
    codes: fields.ArrayField(fields.CharField({ maxLength: size, verboseName: "Code" }), { size: 2, default: ["a"] }),
    grid: fields.ArrayField(fields.ArrayField(fields.DecimalField({ maxDigits: 5, decimalPlaces: 2 })), { null: true }),
    days: fields.DateRangeField({ default: new Range("2026-01-01", null) }),
    stock: fields.IntegerRangeField({ dbDefault: new Range(1, 5) }),
    words: fields.SearchVectorField({ null: true }),
    cover: fields.FileField({ null: true, uploadTo: "covers/" }),
  });

const extension = `import { HStoreExtension, Migration } from "core-framework/migrations";

export default new Migration({ operations: [new HStoreExtension()] });
`;

forEachDatabase((name, makeUrl) => {
  before(async () => configureDatabases({ default: await makeUrl() }));
  after(() => connections.closeAll());

  test("an extension is made and dropped by a migration, and is nothing to SQLite", async () => {
    const connection = connections.get();
    const known = async () =>
      name === "postgresql" &&
      (await connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'hstore'")).rows.length > 0;
    const project = await Project.create("extended");
    try {
      await project.write("extended", "0001_hstore", extension);
      await project.migrate(connection);
      assert.equal(await known(), name === "postgresql");
      await project.migrate(connection, ["extended", null]);
      assert.equal(await known(), false);
    } finally {
      await project.remove();
    }
  });

  if (name === "sqlite") return;

  test("arrays, ranges and files are written into migrations and become columns", async () => {
    const connection = connections.get();
    const project = await Project.create("library");
    try {
      const [source] = [...(await project.make([shelf(3)])).values()];
      assert.match(
        source,
        /codes: fields\.ArrayField\(fields\.CharField\(\{ maxLength: 3 \}\), \{ size: 2, default: \["a"\] \}\)/,
      );
      assert.match(source, /import \{.*\bRange\b.*\} from/);
      assert.deepEqual([...(await project.make([shelf(3)])).keys()], []);
      const [change] = [...(await project.make([shelf(4)])).values()];
      assert.match(change, /AlterField\(\s*"Shelf",\s*"codes"/);
      await project.migrate(connection);
      const { rows } = await connection.execute(
        `SELECT attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid) FROM pg_attribute
           LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
           WHERE attrelid = 'library_shelf'::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum`,
      );
      assert.deepEqual(rows, [
        ["codes", "character varying(4)[]", null],
        ["grid", "numeric(5,2)[]", null],
        ["days", "daterange", null],
        ["stock", "int4range", "'[1,5)'::int4range"],
        ["words", "tsvector", null],
        ["cover", "character varying(100)", null],
      ]);
    } finally {
      await project.remove();
    }
  });
});
