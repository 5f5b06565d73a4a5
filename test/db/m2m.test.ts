import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  atomic,
  CASCADE,
  CharField,
  connections,
  DateField,
  ForeignKey,
  finalizeModels,
  type Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  m2mChanged,
  model,
  postSave,
  type Related,
  Reverse,
  SET_NULL,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "m2m", ordering: ["name"] })
class Person extends Model {
  declare static objects: Manager<Person>;
  @CharField({ maxLength: 30, unique: true }) name!: string;
  @ManyToManyField("self") friends!: ManyRelated<Person>;
  @ManyToManyField("self", { symmetrical: false, relatedName: "followers" }) follows!: ManyRelated<Person>;
  @Reverse(() => Person, "follows") followers!: ManyRelated<Person>;
  @Reverse(() => Band, "members") bands!: ManyRelated<Band>;
  @ManyToManyField("self", { through: () => Quarrel, throughFields: ["one", "other"] }) foes!: ManyRelated<Person>;
}

@model({ appLabel: "m2m" })
class Quarrel extends Model {
  declare static objects: Manager<Quarrel>;
  @ForeignKey(() => Person, { onDelete: CASCADE, relatedName: "+" }) one!: Related<Person>;
  @ForeignKey(() => Person, { onDelete: CASCADE, relatedName: "+" }) other!: Related<Person>;
  @CharField({ maxLength: 30 }) about!: string;
}

@model({ appLabel: "m2m", ordering: ["id"] })
class Band extends Model {
  declare static objects: Manager<Band>;
  @CharField({ maxLength: 30 }) name!: string;
  @ManyToManyField(() => Person, {
    through: () => Membership,
    throughFields: ["band", "person"],
    relatedName: "bands",
    relatedQueryName: "band",
  })
  members!: ManyRelated<Person>;
  @ManyToManyField(() => Person, { relatedName: "+", dbConstraint: false }) guests!: ManyRelated<Person>;
  @Reverse(() => Song, "band") songs!: ManyRelated<Song>;
}

@model({ appLabel: "m2m" })
class Membership extends Model {
  declare static objects: Manager<Membership>;
  @ForeignKey(() => Person, { onDelete: CASCADE, toField: "name", relatedName: "memberships" })
  person!: Related<Person>;
  declare personId: string;
  @ForeignKey(() => Band, { onDelete: CASCADE }) band!: Related<Band>;
  @ForeignKey(() => Person, { onDelete: SET_NULL, null: true, relatedName: "invitations" })
  invitedBy!: Related<Person | null>;
  @DateField({ default: "1960-01-01" }) joinedOn!: string;
}

@model({ appLabel: "m2m" })
class Song extends Model {
  declare static objects: Manager<Song>;
  @CharField({ maxLength: 30 }) title!: string;
  @ForeignKey(() => Band, { onDelete: CASCADE, null: true, relatedName: "songs" }) band!: Related<Band | null>;
  declare bandId: number | null;
}

const models = [Person, Quarrel, Band, Membership, Song] as unknown as ModelClass[];
finalizeModels(models);

forEachDatabase((_name, makeUrl) => {
  let ann: Person;
  let bob: Person;
  let eve: Person;
  let band: Band;

  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    for (const each of [Song, Band, Person]) await each.objects.all().delete();
    [ann, bob, eve] = await Person.objects.bulkCreate(["ann", "bob", "eve"].map((name) => new Person({ name })));
    band = await Band.objects.create({ name: "Quarrymen" });
  });

  const names = async (rows: PromiseLike<readonly { name: string }[]>) => (await rows).map(({ name }) => name);

  async function listening(run: () => Promise<unknown>): Promise<unknown[]> {
    const heard: unknown[] = [];
    const listen = (event: { action: string; reverse: boolean; pkSet: ReadonlySet<unknown> | null }) =>
      heard.push([event.action, event.reverse, event.pkSet && [...event.pkSet]]);
    m2mChanged.connect(listen);
    try {
      await run();
    } finally {
      m2mChanged.disconnect(listen);
    }
    return heard;
  }

  describe("a relation to the same model", () => {
    test("leads both ways, and its end is one of both", async () => {
      await ann.friends.add(bob, eve);
      assert.deepEqual(await names(bob.friends), ["ann"]);
      assert.deepEqual(await names(Person.objects.filter({ friends__name: "eve" })), ["ann"]);
      await bob.friends.remove(ann);
      assert.deepEqual(await names(ann.friends), ["eve"]);
      await eve.friends.clear();
      assert.deepEqual(await names(ann.friends), []);
    });

    test("is announced once", async () => {
      const heard = await listening(async () => {
        await ann.friends.add(bob);
        await ann.friends.clear();
      });
      assert.deepEqual(heard, [
        ["preAdd", false, [bob.id]],
        ["postAdd", false, [bob.id]],
        ["preClear", false, null],
        ["postClear", false, null],
      ]);
    });

    test("has two sides where it is not symmetrical", async () => {
      await ann.follows.add(bob);
      assert.deepEqual([await names(bob.follows), await names(bob.followers)], [[], ["ann"]]);
      await bob.followers.add(eve);
      assert.deepEqual(await names(Person.objects.filter({ follows: bob })), ["ann", "eve"]);
    });

    test("may be symmetrical through a model of one's own", async () => {
      await ann.foes.add(bob, { throughDefaults: { about: "chess" } });
      assert.deepEqual(await names(bob.foes), ["ann"]);
      assert.deepEqual(await Quarrel.objects.all().valuesList("about", { flat: true }), ["chess", "chess"]);
      await bob.foes.remove(ann);
      assert.equal(await Quarrel.objects.count(), 0);
    });
  });

  describe("through a model of one's own", () => {
    test("its other fields come from throughDefaults, which may be functions", async () => {
      await band.members.add(ann, { throughDefaults: { joinedOn: () => "1962-08-18", invitedBy: bob } });
      await band.members.add(ann, bob);
      const rows = await Membership.objects.orderBy("person").values("person", "joinedOn", "invitedBy");
      assert.deepEqual(rows, [
        { person: "ann", joinedOn: "1962-08-18", invitedBy: bob.id },
        { person: "bob", joinedOn: "1960-01-01", invitedBy: null },
      ]);
    });

    test("the fields of throughFields relate, by the column that toField names", async () => {
      await band.members.set([eve], { throughDefaults: { invitedBy: ann } });
      assert.deepEqual(await names(band.members), ["eve"]);
      assert.deepEqual(await names(eve.bands), ["Quarrymen"]);
      assert.deepEqual(await names(ann.bands), []);
      assert.deepEqual(await names(Person.objects.where("band__name", "Quarrymen")), ["eve"]);
      const [loaded] = await Band.objects.prefetchRelated("members");
      assert.deepEqual(await names(loaded.members), ["eve"]);
      await eve.bands.remove(band);
      assert.equal(await Membership.objects.count(), 0);
    });

    test("create, getOrCreate and updateOrCreate relate what is new", async () => {
      await band.members.create({ name: "kim" }, { throughDefaults: { joinedOn: "1970-01-01" } });
      assert.deepEqual((await band.members.getOrCreate({ name: "kim" }))[1], false);
      assert.deepEqual((await band.members.getOrCreate({ name: "lou" }))[1], true);
      const [max, isNew] = await band.members.updateOrCreate({ name: "max" }, {});
      assert.deepEqual([max.name, isNew], ["max", true]);
      assert.deepEqual(await names(band.members), ["kim", "lou", "max"]);
    });

    test("set with clear makes the rows between anew", async () => {
      await band.members.add(ann);
      const [{ id }] = await Membership.objects.all();
      await band.members.set([ann]);
      assert.equal((await Membership.objects.get({ person: ann })).id, id);
      await band.members.set([ann], { clear: true });
      assert.notEqual((await Membership.objects.get({ person: ann })).id, id);
    });
  });

  describe("without a model between", () => {
    test("parallel adds of the same objects do not break", async () => {
      await Promise.all([ann, bob, eve].map((person) => atomic(() => band.guests.add(person, bob))));
      assert.equal(await band.guests.count(), 3);
    });

    test("there is nothing that throughDefaults could set", async () => {
      await assert.rejects(band.guests.add(ann, { throughDefaults: { since: 1 } }), (error: FieldError) => {
        assert.ok(error instanceof FieldError);
        assert.match(error.message, /m2m\.Band\.guests has no field "since"/);
        return true;
      });
    });

    test("a signal tells the keys that are new, and the way", async () => {
      const heard = await listening(async () => {
        await band.guests.add(ann);
        await band.guests.set([ann, bob]);
        await band.guests.remove(ann);
        await band.guests.clear();
      });
      assert.deepEqual(
        heard.map((entry) => (entry as unknown[]).filter((_, index) => index !== 1)),
        [
          ["preAdd", [ann.id]],
          ["postAdd", [ann.id]],
          ["preAdd", [bob.id]],
          ["postAdd", [bob.id]],
          ["preRemove", [ann.id]],
          ["postRemove", [ann.id]],
          ["preClear", null],
          ["postClear", null],
        ],
      );
    });

    test("a key that does not exist is let in where dbConstraint is false", async () => {
      await band.guests.add(123456);
      assert.equal(await band.guests.count(), 0);
      await band.guests.clear();
    });
  });

  describe("the way back of a foreign key", () => {
    test("getOrCreate and updateOrCreate look among the object's rows, and add to them", async () => {
      const [song, created] = await band.songs.getOrCreate({ title: "Danger" });
      assert.deepEqual([song.bandId, created], [band.id, true]);
      assert.equal((await band.songs.getOrCreate({ title: "Danger" }))[1], false);
      const [other] = await band.songs.updateOrCreate({ title: "Spite" }, {});
      assert.equal(other.bandId, band.id);
    });

    test("add saves each object where bulk is false, also new ones", async () => {
      const saved: unknown[] = [];
      const listen = ({ instance }: { instance: object }) => saved.push((instance as Song).title);
      postSave.connect(listen, { sender: Song });
      try {
        await assert.rejects(band.songs.add(new Song({ title: "new" })), FieldError);
        await band.songs.add(new Song({ title: "new" }), await Song.objects.create({ title: "old" }), { bulk: false });
      } finally {
        postSave.disconnect(listen, { sender: Song });
      }
      assert.deepEqual(saved, ["old", "new", "old"]);
      assert.equal(await band.songs.count(), 2);
    });

    test("remove refuses what is not related, with Django's sentence", async () => {
      const song = await Song.objects.create({ title: "alone" });
      await assert.rejects(band.songs.remove(song), (error: Error) => {
        assert.ok(error instanceof Band.DoesNotExist);
        assert.match(error.message, /^<Song: .*> is not related to <Band: .*>\.$/);
        return true;
      });
    });
  });
});
