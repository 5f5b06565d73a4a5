import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  type BaseModel as Base,
  BloomIndex,
  BrinIndex,
  BTreeIndex,
  CharField,
  type Connection,
  connections,
  DateTimeField,
  Deferrable,
  ExclusionConstraint,
  F,
  finalizeModels,
  GenericIPAddressField,
  GinIndex,
  GistIndex,
  HashIndex,
  Index,
  IntegerField,
  JSONField,
  type Manager,
  Model,
  type ModelClass,
  model,
  OpClass,
  Q,
  RangeOperators,
  SpGistIndex,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { ImproperlyConfigured, IntegrityError, ValidationError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({
  appLabel: "net",
  indexes: [
    new BTreeIndex({ fields: ["-port"], fillfactor: 70, deduplicateItems: false, name: "host_btree" }),
    new HashIndex({ fields: ["name"], fillfactor: 80 }),
    new GinIndex({ fields: ["data"], fastupdate: false, ginPendingListLimit: 128, name: "host_gin" }),
    new GinIndex({ expressions: [OpClass("name", "gin_trgm_ops")], name: "host_trigrams" }),
    new GistIndex({ fields: ["address"], opclasses: ["inet_ops"], buffering: true, name: "host_gist" }),
    new SpGistIndex({ fields: ["name"], fillfactor: 60, condition: Q({ port__gt: 1023 }), name: "host_spgist" }),
    new BrinIndex({ fields: ["at"], autosummarize: true, pagesPerRange: 16 }),
    new BloomIndex({ fields: ["port", "name"], length: 64, columns: [2, 4], name: "host_bloom" }),
    new BTreeIndex({ expressions: [OpClass(F("name"), "varchar_pattern_ops").desc()], name: "host_pattern" }),
  ],
  constraints: [
    new ExclusionConstraint({
      expressions: [
        [OpClass("address", "inet_ops"), RangeOperators.OVERLAPS],
        ["port", "="],
      ],
      condition: Q({ name: "closed" }).not(),
      include: ["name"],
      violationErrorMessage: "The address is taken.",
      violationErrorCode: "taken",
      name: "address_once",
    }),
    new ExclusionConstraint({ expressions: [["port", "<>"]], deferrable: Deferrable.DEFERRED, name: "one_port" }),
  ],
})
class Host extends Model {
  declare static objects: Manager<Host>;
  @CharField({ maxLength: 20 }) name!: string;
  @IntegerField({ default: 80 }) port!: number;
  @GenericIPAddressField() address!: string;
  @JSONField({ default: {} }) data!: unknown;
  @DateTimeField({ autoNowAdd: true }) at!: Date;
}

const of = Host as unknown as ModelClass;

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    finalizeModels([of]);
    if (name === "postgresql") {
      for (const extension of ["btree_gist", "pg_trgm", "bloom"])
        await connection.execute(`CREATE EXTENSION ${extension}`);
    }
    await withSchemaEditor((editor) => editor.createModel(of));
  });
  beforeEach(() => Host.objects.all().delete());
  after(() => connections.closeAll());

  test("the tablespace of an index is written where there are such", async () => {
    const index = new Index({ fields: ["-port"], dbTablespace: 'fast"disk', name: "port_fast" });
    const statements = await withSchemaEditor(
      async (editor) => {
        await editor.addIndex(of, index);
        return editor.collected;
      },
      { collectSql: true },
    );
    const tablespace = name === "sqlite" ? "" : ' TABLESPACE "fast""disk"';
    assert.deepEqual(statements, [`CREATE INDEX "port_fast" ON "net_host" ("port" DESC)${tablespace};`]);
  });

  if (name === "sqlite") {
    test("what SQLite has not is warned of and left out; what a plain index does is one", async () => {
      assert.deepEqual(
        checkModels([of]).map(({ id, msg }) => `${id} ${msg}`),
        ["GinIndex", "GistIndex", "SpGistIndex", "BrinIndex", "BloomIndex"]
          .map((kind) => `sqlite.W001 SQLite does not support a ${kind}.`)
          .concat("sqlite.W002 SQLite does not support exclusion constraints."),
      );
      const { rows } = await connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index' ORDER BY name");
      assert.deepEqual(rows.flat(), [
        'CREATE INDEX "host_btree" ON "net_host" ("port" DESC)',
        'CREATE INDEX "host_pattern" ON "net_host" ("name" DESC)',
        'CREATE INDEX "net_host_name_20503f_hash" ON "net_host" ("name")',
      ]);
      await Host.objects.create({ name: "a", address: "10.0.0.1" });
      const constraint = of._meta.constraints[0];
      await constraint.validate(of, new Host({ name: "b", address: "10.0.0.1" }) as Base);
    });
    return;
  }

  test("each kind of index is made with its method, parameters and operator classes", async () => {
    assert.deepEqual(checkModels([of]), []);
    const { rows } = await connection.execute(
      "SELECT indexdef FROM pg_indexes WHERE tablename = 'net_host' AND indexdef NOT LIKE '%UNIQUE%' ORDER BY indexname",
    );
    assert.deepEqual(
      rows.flat().map((sql) => String(sql).replace("CREATE INDEX ", "").replace("ON public.net_host USING ", "")),
      [
        "address_once gist (address inet_ops, port) INCLUDE (name) WHERE (NOT ((name)::text = 'closed'::text))",
        "host_bloom bloom (port, name) WITH (length='64', col1='2', col2='4')",
        "host_btree btree (port DESC) WITH (fillfactor='70', deduplicate_items=off)",
        "host_gin gin (data) WITH (fastupdate=off, gin_pending_list_limit='128')",
        "host_gist gist (address inet_ops) WITH (buffering='on')",
        "host_pattern btree (name varchar_pattern_ops DESC)",
        "host_spgist spgist (name) WITH (fillfactor='60') WHERE (port > (1023)::bigint)",
        "host_trigrams gin (name gin_trgm_ops)",
        "net_host_at_6b29a8_brin brin (at) WITH (autosummarize='on', pages_per_range='16')",
        "net_host_name_20503f_hash hash (name) WITH (fillfactor='80')",
        "one_port gist (port)",
      ],
    );
  });

  test("an exclusion constraint is kept, and asked for values that are not saved", async () => {
    const host = await Host.objects.create({ name: "a", address: "10.0.0.1" });
    await assert.rejects(
      Host.objects.create({ name: "b", address: "10.0.0.1" }),
      (error) => error instanceof IntegrityError && error.kind === "exclusion" && error.constraint === "address_once",
    );
    await Host.objects.create({ name: "closed", address: "10.0.0.1" });
    const refusal = async (object: Host, exclude: string[] = []) => {
      try {
        await of._meta.constraints[0].validate(of, object as Base, { exclude });
      } catch (error) {
        return error instanceof ValidationError ? `${error.code}: ${error.messages.join()}` : error;
      }
    };
    assert.equal(await refusal(new Host({ name: "b", address: "10.0.0.1" })), "taken: The address is taken.");
    assert.equal(await refusal(new Host({ name: "b", address: "10.0.0.2" })), undefined);
    assert.equal(await refusal(new Host({ name: "closed", address: "10.0.0.1" })), undefined);
    assert.equal(await refusal(new Host({ name: "b", address: "10.0.0.1" }), ["port"]), undefined);
    assert.equal(await refusal(host), undefined);
  });
});

test("wrong parameters are refused in Django's words", () => {
  const fields = ["a"];
  const refused: [() => unknown, RegExp][] = [
    [() => new BrinIndex({ fields, pagesPerRange: 0 }), /pagesPerRange must be a positive integer, not 0/],
    [() => new BloomIndex({ fields, columns: [1, 2] }), /cannot have more values than fields/],
    [() => new BloomIndex({ fields, columns: [4096] }), /must contain integers from 1 to 4095/],
    [() => new BloomIndex({ fields, length: 5000 }), /must be undefined or an integer from 1 to 4096/],
    [() => new ExclusionConstraint({ expressions: [], name: "a" }), /At least one expression is required/],
  ];
  for (const [make, message] of refused) {
    assert.throws(make, (error) => error instanceof ImproperlyConfigured && message.test(error.message));
  }
});
