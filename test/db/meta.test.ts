import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BaseModel,
  CASCADE,
  CharField,
  type Connection,
  connections,
  ForeignKey,
  finalizeModels,
  Index,
  IntegerField,
  type Manager,
  type ManyRelated,
  Model,
  type ModelClass,
  model,
  postSave,
  type Related,
  Reverse,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({
  abstract: true,
  appLabel: "meta",
  ordering: ["-name"],
  getLatestBy: "name",
  verboseName: "named thing",
  defaultPermissions: ["view"],
  indexes: [new Index({ fields: ["name"], name: "%(app_label)s_%(class)s_idx" })],
})
abstract class Named extends Model {
  @CharField({ maxLength: 40 }) name!: string;
}

@model()
class Plain extends Named {
  declare static objects: Manager<Plain>;
}

@model({ ordering: ["name"], dbTable: "things" })
class Special extends Named {
  declare static objects: Manager<Special>;
}

@model({ appLabel: "meta", uniqueTogether: ["a", "b"], selectOnSave: true, dbTableComment: "It's a pair" })
class Pair extends Model {
  declare static objects: Manager<Pair>;
  @IntegerField() a!: number;
  @IntegerField() b!: number;
}

@model({ appLabel: "meta" })
class Question extends Model {
  declare static objects: Manager<Question>;
  declare getAnswerOrder: () => Promise<number[]>;
  declare setAnswerOrder: (keys: readonly number[]) => Promise<void>;
  @CharField({ maxLength: 40 }) text!: string;
  @Reverse(() => Answer, "question") answers!: ManyRelated<Answer>;
}

@model({ appLabel: "meta", orderWithRespectTo: "question" })
class Answer extends Model {
  declare static objects: Manager<Answer>;
  declare _order: number;
  declare getNextInOrder: () => Promise<Answer>;
  declare getPreviousInOrder: () => Promise<Answer>;
  @ForeignKey(() => Question, { onDelete: CASCADE, relatedName: "answers" }) question!: Related<Question>;
  declare questionId: number;
  @CharField({ maxLength: 40 }) text!: string;
}

const models = [Plain, Special, Pair, Question, Answer] as unknown as ModelClass[];
finalizeModels(models);

describe("options of abstract parents", () => {
  test("hold for a child, but for abstract itself", () => {
    const meta = Plain._meta;
    assert.deepEqual([meta.abstract, meta.label, meta.dbTable], [false, "meta.Plain", "meta_plain"]);
    assert.deepEqual([meta.ordering, meta.getLatestBy, meta.defaultPermissions], [["-name"], ["name"], ["view"]]);
    assert.equal(meta.verboseName, "named thing");
  });

  test("are replaced by the child's own", () => {
    const meta = Special._meta;
    assert.deepEqual([meta.ordering, meta.dbTable, meta.verboseName], [["name"], "things", "named thing"]);
  });

  test("name an index for each child", () => {
    assert.deepEqual(Plain._meta.indexes[0].name, "meta_plain_idx");
    assert.deepEqual(Special._meta.indexes[0].name, "meta_special_idx");
    assert.deepEqual(Special._meta.indexes[0].fields, ["name"]);
  });
});

describe("a declaration that means nothing", () => {
  test("an unknown option is named", () => {
    const declare = () => {
      class Wrong extends BaseModel {}
      model({ orderng: ["id"] } as never)(Wrong as never);
    };
    assert.throws(declare, (error: ImproperlyConfigured) => {
      assert.ok(error instanceof ImproperlyConfigured);
      assert.equal(error.message, "@model() of Wrong got invalid option(s): orderng.");
      assert.equal(error.hint, 'Did you mean "ordering"?');
      return true;
    });
  });

  test("a proxy of nothing is refused with Django's sentence", () => {
    const declare = () => {
      class Ghost extends BaseModel {}
      model({ proxy: true } as never)(Ghost as never);
    };
    assert.throws(declare, { message: "Proxy model 'Ghost' has no non-abstract model base class." });
  });
});

describe("where a table is made", () => {
  test("is decided by the vendor and the features that a model requires", () => {
    @model({ appLabel: "meta", requiredDbVendor: "postgresql" })
    class Vendor extends Model {
      declare static objects: Manager<Vendor>;
    }
    @model({ appLabel: "meta", requiredDbFeatures: ["hasSelectForUpdate"] })
    class Feature extends Model {
      declare static objects: Manager<Feature>;
    }
    const where = ({ _meta }: { _meta: typeof Vendor._meta }) =>
      (["sqlite", "postgresql"] as const).filter((vendor) => _meta.canMigrate({ vendor }));
    assert.deepEqual(
      [where(Vendor), where(Feature), where(Pair)],
      [["postgresql"], ["postgresql"], ["sqlite", "postgresql"]],
    );
  });

  test("one list of fields is as good as a list of lists in uniqueTogether", () => {
    assert.deepEqual(Pair._meta.uniqueTogether, [["a", "b"]]);
  });
});

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());

  test("a table's comment is in the database", { skip: name === "sqlite" && "SQLite keeps no comments" }, async () => {
    const { rows } = await connection.execute("SELECT obj_description('meta_pair'::regclass)");
    assert.deepEqual(rows, [["It's a pair"]]);
  });

  test("selectOnSave asks for the row before it is updated", async () => {
    const pair = await Pair.objects.create({ a: 1, b: 2 });
    const statements: string[] = [];
    const { execute } = connection;
    connection.execute = function (sql, ...rest) {
      statements.push(sql.slice(0, 6));
      return execute.call(this, sql, ...rest);
    };
    const created: boolean[] = [];
    const listen = (event: { created: boolean }) => created.push(event.created);
    postSave.connect(listen, { sender: Pair });
    try {
      pair.a = 2;
      await pair.save();
    } finally {
      connection.execute = execute;
      postSave.disconnect(listen, { sender: Pair });
    }
    assert.deepEqual([statements, created], [["SELECT", "UPDATE"], [false]]);
  });

  describe("orderWithRespectTo", () => {
    test("puts each new row behind those of the same other row", async () => {
      const [one, two] = [await Question.objects.create({ text: "1" }), await Question.objects.create({ text: "2" })];
      for (const text of ["a", "b"]) await one.answers.create({ text });
      await two.answers.create({ text: "c" });
      await Answer.objects.bulkCreate([
        new Answer({ question: one, text: "d" }),
        new Answer({ question: two, text: "e" }),
        new Answer({ question: one, text: "f" }),
      ]);
      const places = async (question: Question) =>
        (await question.answers.all()).map((each) => [each.text, each._order]);
      assert.deepEqual(await places(one), [
        ["a", 0],
        ["b", 1],
        ["d", 2],
        ["f", 3],
      ]);
      assert.deepEqual(await places(two), [
        ["c", 0],
        ["e", 1],
      ]);
    });

    test("is read, set, and walked along", async () => {
      const question = await Question.objects.create({ text: "?" });
      const [a, b, c] = [
        await question.answers.create({ text: "a" }),
        await question.answers.create({ text: "b" }),
        await question.answers.create({ text: "c" }),
      ];
      assert.deepEqual(await question.getAnswerOrder(), [a.id, b.id, c.id]);
      await question.setAnswerOrder([c.id, a.id, b.id]);
      assert.deepEqual(await question.getAnswerOrder(), [c.id, a.id, b.id]);
      assert.deepEqual(
        (await question.answers).map(({ text }) => text),
        ["c", "a", "b"],
      );
      assert.equal((await a.getNextInOrder()).text, "b");
      assert.equal((await a.getPreviousInOrder()).text, "c");
      await assert.rejects(c.getPreviousInOrder(), Answer.DoesNotExist);
    });
  });
});
