import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  BooleanField,
  CASCADE,
  CharField,
  type Connection,
  connections,
  DateTimeField,
  ForeignKey,
  finalizeModels,
  IntegerField,
  Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  model,
  type Related,
  Reverse,
} from "core-framework/db";
import { FieldError, ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { createTables } from "./schema.ts";

@model({ abstract: true, ordering: ["-createdAt"] })
abstract class Dated extends Model {
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
}

class Active extends Manager<Person> {
  override getQueryset() {
    return super.getQueryset().filter({ active: true });
  }
}

@model({ appLabel: "club" })
class Person extends Dated {
  declare static objects: Manager<Person>;
  static active = new Active();
  @CharField({ maxLength: 20 }) name!: string;
  @BooleanField({ default: true }) active!: boolean;
  @ManyToManyField(() => Person, { relatedName: "followers" }) follows!: ManyRelated<Person>;
  @Reverse(() => Person, "follows") followers!: ManyRelated<Person>;
  @Reverse(() => Club, "members") clubs!: ManyRelated<Club>;
}

@model({ appLabel: "club" })
class Club extends Model {
  declare static objects: Manager<Club>;
  @CharField({ maxLength: 20 }) name!: string;
  @ManyToManyField(() => Person, { through: () => Membership as never, relatedName: "clubs" })
  members!: ManyRelated<Person>;
  @Reverse(() => Membership, "club") memberships!: ManyRelated<Membership>;
}

@model({ appLabel: "club" })
class Membership extends Model {
  declare static objects: Manager<Membership>;
  @ForeignKey(() => Club, { onDelete: CASCADE, relatedName: "memberships" }) club!: Related<Club>;
  @ForeignKey(() => Person, { onDelete: CASCADE, relatedName: "+" }) person!: Related<Person>;
  @IntegerField({ default: 1 }) level!: number;
}

const models = [Person, Club, Membership] as unknown as ModelClass[];

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  before(async () => {
    finalizeModels(models);
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());

  test("an abstract model gives its fields and has no rows", async () => {
    assert.deepEqual(
      Person._meta.fields.map(({ column }) => column),
      ["id", "created_at", "name", "active"],
    );
    assert.equal(Person._meta.dbTable, "club_person");
    assert.throws(() => new (Dated as unknown as typeof Person)(), FieldError);
    const person = await Person.objects.create({ name: "Ana" });
    assert.ok(person.createdAt instanceof Date);
  });

  test("a manager narrows what it gives", async () => {
    await Person.objects.all().delete();
    await Person.objects.bulkCreate([new Person({ name: "Ana" }), new Person({ name: "Bob", active: false })]);
    assert.deepEqual(await Person.active.valuesList("name", { flat: true }), ["Ana"]);
    assert.equal(await Person.active.filter({ name: "Bob" }).exists(), false);
    assert.equal(await Person.objects.count(), 2);
  });

  test("a model may relate to itself, with a way back of its own", async () => {
    const [ana, bob] = [await Person.objects.create({ name: "Ana" }), await Person.objects.create({ name: "Bob" })];
    await ana.follows.add(bob);
    assert.deepEqual(
      (await bob.followers).map(({ name }) => name),
      ["Ana"],
    );
    assert.deepEqual(await ana.followers, []);
    assert.equal(await Person.objects.filter({ follows: bob }).count(), 1);
    assert.equal(await Person.objects.filter({ followers: ana, followers__name: "Ana" }).count(), 1);
  });

  test("a table between two models may be a model", async () => {
    const [club, person] = [await Club.objects.create({ name: "chess" }), await Person.objects.create({ name: "Cyd" })];
    await Membership.objects.create({ club, person, level: 3 });
    assert.deepEqual(
      (await club.members).map(({ name }) => name),
      ["Cyd"],
    );
    assert.deepEqual(
      (await person.clubs).map(({ name }) => name),
      ["chess"],
    );
    assert.equal(await Club.objects.filter({ memberships__level: 3, members: person }).count(), 1);
    assert.deepEqual(await person.delete(), [2, { "club.Membership": 1, "club.Person": 1 }]);
  });

  test("what @Reverse() says is verified", () => {
    @model({ appLabel: "club" })
    class Wrong extends Model {
      declare static objects: Manager<Wrong>;
      @Reverse(() => Membership, "club") memberships!: ManyRelated<Membership>;
    }
    assert.throws(
      () => finalizeModels([...models, Wrong as unknown as ModelClass]),
      (error: Error) => {
        return (
          error instanceof ImproperlyConfigured && /@Reverse\(\) of club\.Wrong\.memberships names/.test(error.message)
        );
      },
    );
    finalizeModels(models);
  });
});
