import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { ContentType, GenericForeignKey, GenericPrefetch, GenericRelation } from "core-framework/contenttypes";
import {
  atomic,
  type BaseModel,
  CASCADE,
  CharField,
  type Connection,
  connections,
  ForeignKey,
  finalizeModels,
  type Manager,
  type ManyRelated,
  Model,
  type ModelClass,
  model,
  PositiveIntegerField,
  type Related,
  setRollback,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "generic", ordering: ["id"] })
class Tag extends Model {
  declare static objects: Manager<Tag>;
  @CharField({ maxLength: 30 }) name!: string;
  @ForeignKey(() => ContentType, { onDelete: CASCADE, relatedName: "+" }) contentType!: Related<ContentType>;
  declare contentTypeId: number;
  @PositiveIntegerField() objectId!: number;
  @GenericForeignKey("contentType", "objectId") item!: Related<BaseModel | null>;
}

/** Its object ids are text, since keys may be anything. */
@model({ appLabel: "generic", ordering: ["id"] })
class Note extends Model {
  declare static objects: Manager<Note>;
  @CharField({ maxLength: 30 }) text!: string;
  @ForeignKey(() => ContentType, { onDelete: CASCADE, relatedName: "+" }) kind!: Related<ContentType>;
  @CharField({ maxLength: 40 }) key!: string;
  @GenericForeignKey("kind", "key") subject!: Related<BaseModel | null>;
}

@model({ appLabel: "generic", ordering: ["id"] })
class Rock extends Model {
  declare static objects: Manager<Rock>;
  @CharField({ maxLength: 30 }) name!: string;
  @GenericRelation(() => Tag, { relatedQueryName: "rock" }) tags!: ManyRelated<Tag>;
  @GenericRelation(() => Note, { contentTypeField: "kind", objectIdField: "key" }) notes!: ManyRelated<Note>;
}

@model({ appLabel: "generic", ordering: ["id"] })
class Plant extends Model {
  declare static objects: Manager<Plant>;
  @CharField({ maxLength: 30 }) name!: string;
  @ForeignKey(() => Rock, { onDelete: CASCADE, null: true }) rock!: Related<Rock | null>;
  @GenericRelation(() => Tag) tags!: ManyRelated<Tag>;
}

@model({ appLabel: "generic", proxy: true })
class Gem extends Rock {
  declare static objects: Manager<Gem>;
}

const models = [ContentType, Tag, Note, Rock, Plant, Gem] as unknown as ModelClass[];
finalizeModels(models);

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  let granite: Rock;
  let fern: Plant;

  before(async () => {
    connection = await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models.slice(0, -1)) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    for (const each of [Tag, Note, Plant, Rock]) await each.objects.all().delete();
    granite = await Rock.objects.create({ name: "granite" });
    fern = await Plant.objects.create({ name: "fern", rock: granite });
  });

  async function statementsOf(run: () => Promise<unknown>): Promise<string[]> {
    const statements: string[] = [];
    const { execute } = connection;
    connection.execute = function (sql, ...rest) {
      statements.push(sql);
      return execute.call(this, sql, ...rest);
    };
    try {
      await run();
    } finally {
      connection.execute = execute;
    }
    return statements;
  }

  const names = async (rows: PromiseLike<readonly { name: string }[]>) => (await rows).map(({ name }) => name);

  describe("a content type", () => {
    test("is made once for a model, and remembered", async () => {
      const type = await ContentType.objects.getForModel(Rock);
      assert.deepEqual([type.appLabel, type.model, type.modelClass(), type.name], ["generic", "rock", Rock, "rock"]);
      const statements = await statementsOf(async () => {
        assert.equal(await ContentType.objects.getForModel(Rock), type);
        assert.equal(await ContentType.objects.getForId(type.id), type);
        assert.equal(await ContentType.objects.getByNaturalKey("generic", "rock"), type);
      });
      assert.deepEqual(statements, []);
    });

    test("of a proxy is its model's, unless its own is asked for", async () => {
      const [type, same] = [await ContentType.objects.getForModel(Rock), await ContentType.objects.getForModel(Gem)];
      assert.equal(same, type);
      const own = await ContentType.objects.getForModel(Gem, { forConcreteModel: false });
      assert.deepEqual([own.model, own.modelClass()], ["gem", Gem]);
    });

    test("that a transaction made and took back is forgotten", async () => {
      await ContentType.objects.filter({ model: "note" }).delete();
      ContentType.objects.clearCache();
      await atomic(async () => {
        await ContentType.objects.getForModel(Note);
        setRollback(true);
      });
      const type = await ContentType.objects.getForModel(Note);
      assert.equal(await ContentType.objects.filter({ id: type.id }).exists(), true);
    });

    test("of several models are found together, and give their objects", async () => {
      const types = await ContentType.objects.getForModels([Rock, Plant]);
      assert.deepEqual([types.get(Rock)?.model, types.get(Plant)?.model], ["rock", "plant"]);
      const found = await types.get(Plant)?.getObjectForThisType({ name: "fern" });
      assert.ok(fern.equals(found));
      await assert.rejects(async () => types.get(Plant)?.getObjectForThisType({ name: "?" }), Plant.DoesNotExist);
      assert.equal((await types.get(Rock)?.getAllObjectsForThisType({}))?.length, 1);
    });
  });

  describe("a reference to any model", () => {
    test("is set as an object, and read as one", async () => {
      const tag = await Tag.objects.create({ name: "hard", item: granite });
      assert.equal(tag.item, granite);
      const fresh = await Tag.objects.get({ id: tag.id });
      assert.deepEqual([fresh.objectId, ((await fresh.item) as Rock).name], [granite.id, "granite"]);
      fresh.item = fern;
      await fresh.save();
      assert.ok(fern.equals(await (await Tag.objects.get({ id: tag.id })).item));
    });

    test("is loaded for all rows of a result, with one query for each model", async () => {
      await Tag.objects.bulkCreate([
        new Tag({ name: "a", item: granite }),
        new Tag({ name: "b", item: fern }),
        new Tag({ name: "c", item: await Rock.objects.create({ name: "slate" }) }),
      ]);
      const tags = await Tag.objects.all();
      const statements = await statementsOf(async () => {
        const items = await Promise.all(tags.map(({ item }) => item));
        assert.deepEqual(
          items.map((item) => (item as Rock).name),
          ["granite", "fern", "slate"],
        );
      });
      assert.ok(statements.length <= 4, statements.join("\n"));
    });

    test("is null where the other row is gone, or was never there", async () => {
      const type = await ContentType.objects.getForModel(Rock);
      const tag = await Tag.objects.create({ name: "x", contentType: type, objectId: 987654 });
      assert.equal(await (await Tag.objects.get({ id: tag.id })).item, null);
      assert.equal(new Tag().item, null);
    });

    test("must be saved first, and be an object", async () => {
      await assert.rejects(Tag.objects.create({ name: "x", item: new Rock({ name: "new" }) }), FieldError);
      assert.throws(() => new Tag({ item: 7 } as never), FieldError);
    });

    test("may hold its key as text", async () => {
      const note = await Note.objects.create({ text: "old", subject: granite });
      assert.equal(note.key, String(granite.id));
      const [fresh] = await Note.objects.prefetchRelated("subject");
      assert.equal(((await fresh.subject) as Rock).name, "granite");
      assert.deepEqual(await names(Rock.objects.filter({ notes__text: "old" })), ["granite"]);
      assert.equal(await granite.notes.count(), 1);
    });

    test("is prefetched, with what follows and by the queryset of its model", async () => {
      await Tag.objects.create({ name: "green", item: fern });
      const [tag] = await Tag.objects.prefetchRelated("item__rock");
      const statements = await statementsOf(async () => {
        assert.equal(((tag.item as Plant).rock as Rock).name as string, "granite");
      });
      assert.deepEqual(statements, []);
      const joined = new GenericPrefetch("item", [Plant.objects.selectRelated("rock")]);
      const [other] = await Tag.objects.prefetchRelated(joined);
      assert.equal(((other.item as Plant).rock as Rock).name, "granite");
    });

    test("cannot be filtered by, and Django says so", () => {
      assert.throws(
        () => Tag.objects.where("item", granite),
        /^FieldError: Field 'item' does not generate an automatic/,
      );
    });
  });

  describe("the way back", () => {
    test("is a relation to many: created, added to, read and taken from", async () => {
      await granite.tags.create({ name: "hard" });
      await fern.tags.create({ name: "soft" });
      const loose = await Tag.objects.create({ name: "grey", item: fern });
      await granite.tags.add(loose);
      assert.deepEqual(await names(granite.tags), ["hard", "grey"]);
      assert.equal((await granite.tags.getOrCreate({ name: "hard" }))[1], false);
      assert.equal((await granite.tags.getOrCreate({ name: "old" }))[1], true);
      await granite.tags.remove(loose);
      assert.equal(await Tag.objects.filter({ name: "grey" }).exists(), false);
      await granite.tags.clear();
      assert.deepEqual(await names(Tag.objects.all()), ["soft"]);
    });

    test("is filtered by in both directions, of the right model only", async () => {
      await granite.tags.create({ name: "hard" });
      await Tag.objects.create({ name: "hard", item: fern });
      assert.deepEqual(await names(Rock.objects.filter({ tags__name: "hard" })), ["granite"]);
      assert.deepEqual(await names(Rock.objects.exclude({ tags__name: "hard" })), []);
      assert.deepEqual(await names(Plant.objects.exclude({ tags__name: "soft" })), ["fern"]);
      assert.equal(await Tag.objects.where("rock__name", "granite").count(), 1);
      assert.equal(await Tag.objects.where("rock", granite.id).count(), 1);
    });

    test("is prefetched, and knows its way back", async () => {
      await granite.tags.create({ name: "hard" });
      const [rock] = await Rock.objects.prefetchRelated("tags");
      assert.deepEqual(
        rock.tags.loaded?.map(({ name }) => name),
        ["hard"],
      );
      assert.equal(rock.tags.loaded?.[0].item, rock);
    });

    test("goes with the object", async () => {
      await granite.tags.create({ name: "hard" });
      await fern.tags.create({ name: "soft" });
      assert.deepEqual(await fern.delete(), [2, { "generic.Tag": 1, "generic.Plant": 1 }]);
      assert.deepEqual(await names(Tag.objects.all()), ["hard"]);
      await Rock.objects.all().delete();
      assert.equal(await Tag.objects.count(), 0);
    });
  });
});

describe("checks", () => {
  test("name the fields that a GenericForeignKey lacks, with Django's ids", () => {
    @model({ appLabel: "generic" })
    class Broken extends Model {
      declare static objects: Manager<Broken>;
      @CharField({ maxLength: 3 }) kind!: string;
      @GenericForeignKey("kind", "nothing") one!: Related<BaseModel | null>;
      @GenericForeignKey("nowhere", "kind") other!: Related<BaseModel | null>;
    }
    const found = checkModels([Broken as unknown as ModelClass]).map(({ id, msg }) => [id, msg]);
    assert.deepEqual(found, [
      ["contenttypes.E001", "The GenericForeignKey object ID references the nonexistent field 'nothing'."],
      ["contenttypes.E003", "'Broken.kind' is not a ForeignKey."],
      ["contenttypes.E002", "The GenericForeignKey content type references the nonexistent field 'Broken.nowhere'."],
    ]);
  });
});
