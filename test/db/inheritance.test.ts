import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  BooleanField,
  CASCADE,
  CharField,
  type Connection,
  Count,
  connections,
  F,
  ForeignKey,
  finalizeModels,
  IntegerField,
  Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  model,
  OneToOneField,
  preDelete,
  type Related,
  Reverse,
  SET_NULL,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "places" })
class City extends Model {
  declare static objects: Manager<City>;
  @CharField({ maxLength: 30 }) name!: string;
  @Reverse(() => Place, "city") places!: ManyRelated<Place>;
}

@model({ appLabel: "places", ordering: ["name"], getLatestBy: "id" })
class Place extends Model {
  declare static objects: Manager<Place>;
  @CharField({ maxLength: 50 }) name!: string;
  @ForeignKey(() => City, { onDelete: SET_NULL, null: true, relatedName: "places" }) city!: Related<City | null>;
  declare cityId: number | null;
  @ManyToManyField(() => City, { relatedName: "+" }) near!: ManyRelated<City>;
  @Reverse(() => Visit, "place") visits!: ManyRelated<Visit>;
  @Reverse(() => Restaurant, "placePtr") restaurant!: Related<Restaurant>;

  override toString(): string {
    return this.name;
  }
}

class Big extends Manager<Seated> {
  override getQueryset() {
    return super.getQueryset().filter({ seats__gte: 100 });
  }
}

@model({ abstract: true })
abstract class Seated extends Model {
  static big = new Big();
  @IntegerField({ default: 0 }) seats!: number;
}

@model({ appLabel: "places" })
class Hall extends Seated {
  declare static objects: Manager<Hall>;
}

@model({ appLabel: "places" })
class Stadium extends Hall {
  declare static objects: Manager<Stadium>;
}

@model({ appLabel: "places" })
class Restaurant extends Place {
  declare static objects: Manager<Restaurant>;
  declare placePtr: Related<Place>;
  declare placePtrId: number;
  @BooleanField({ default: false }) servesPizza!: boolean;
  @IntegerField({ default: 0 }) seats!: number;
}

@model({ appLabel: "places", ordering: ["-name"] })
class Pizzeria extends Restaurant {
  declare static objects: Manager<Pizzeria>;
  @CharField({ maxLength: 20, default: "" }) oven!: string;
}

@model({ appLabel: "places" })
class Museum extends Place {
  declare static objects: Manager<Museum>;
  @OneToOneField(() => Place, { onDelete: CASCADE, parentLink: true, primaryKey: true, relatedName: "museum" })
  site!: Related<Place>;
  declare siteId: number;
  @IntegerField({ default: 0 }) rooms!: number;
}

@model({ appLabel: "places" })
class Visit extends Model {
  declare static objects: Manager<Visit>;
  @ForeignKey(() => Place, { onDelete: CASCADE, relatedName: "visits" }) place!: Related<Place>;
  @ForeignKey(() => Restaurant, { onDelete: CASCADE, null: true, relatedName: "meals" })
  meal!: Related<Restaurant | null>;
  declare mealId: number | null;
}

@model({ appLabel: "places", proxy: true, ordering: ["-seats"] })
class Diner extends Restaurant {
  declare static objects: Manager<Diner>;

  get isSmall(): boolean {
    return this.seats < 10;
  }
}

const models = [City, Place, Restaurant, Pizzeria, Museum, Visit, Hall, Stadium, Diner] as unknown as ModelClass[];
finalizeModels(models);

describe("a model with a parent that has a table", () => {
  test("has the parent's fields and a reference to it as its key", () => {
    const { fields, localFields, pk, dbTable, ordering, getLatestBy } = Restaurant._meta;
    assert.deepEqual(
      fields.map(({ name }) => name),
      ["id", "name", "city", "placePtr", "servesPizza", "seats"],
    );
    assert.deepEqual(
      localFields.map(({ column }) => column),
      ["place_ptr_id", "serves_pizza", "seats"],
    );
    assert.deepEqual([pk.column, dbTable], ["place_ptr_id", "places_restaurant"]);
    assert.deepEqual([ordering, getLatestBy], [["name"], ["id"]]);
    assert.deepEqual([Museum._meta.pk.name, Museum._meta.parentLink?.name], ["site", "site"]);
  });

  test("may not declare a field of the parent again", () => {
    assert.throws(() => {
      class Wrong extends Place {
        declare static objects: Manager<Wrong>;
      }
      CharField({ maxLength: 3 })(Wrong.prototype, "name");
      model({ appLabel: "places" })(Wrong);
    }, /^FieldError: Local field 'name' in class 'Wrong' clashes with field of the same name from base class 'Place'\.$/);
  });
});

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  let lisbon: City;

  before(async () => {
    connection = await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models.slice(0, -1)) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    await Place.objects.all().delete();
    await City.objects.all().delete();
    lisbon = await City.objects.create({ name: "Lisbon" });
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

  const make = (name: string, values: object = {}) =>
    Restaurant.objects.create({ name, city: lisbon, servesPizza: true, ...values });

  describe("saving", () => {
    test("writes the parent's row, then the child's", async () => {
      const ramiro = await make("Ramiro", { seats: 40 });
      assert.equal(typeof ramiro.id, "number");
      assert.deepEqual([ramiro.pk, ramiro.placePtrId], [ramiro.id, ramiro.id]);
      assert.equal((await Place.objects.get({ id: ramiro.id })).name, "Ramiro");
      const fresh = await Restaurant.objects.get({ id: ramiro.id });
      assert.deepEqual([fresh.name, fresh.seats, fresh.cityId], ["Ramiro", 40, lisbon.id]);
    });

    test("changes only the table, and the columns, that have changed", async () => {
      const { id } = await make("Ramiro");
      const fresh = await Restaurant.objects.get({ id });
      const updates = async () => (await statementsOf(() => fresh.save())).filter((sql) => sql.startsWith("UPDATE"));
      fresh.seats = 7;
      assert.match(
        (await updates()).join(),
        /^UPDATE "places_restaurant" SET "seats" = \S+ WHERE "place_ptr_id" = \S+$/,
      );
      fresh.name = "Other";
      assert.match((await updates()).join(), /^UPDATE "places_place" SET "name" = \S+ WHERE "id" = \S+$/);
      assert.deepEqual(await updates(), []);
      fresh.name = "Third";
      fresh.seats = 8;
      await fresh.save({ updateFields: ["seats"] });
      await fresh.refreshFromDb();
      assert.deepEqual([fresh.name, fresh.seats], ["Other", 8]);
    });

    test("gives a place that is there what makes it a restaurant", async () => {
      const place = await Place.objects.create({ name: "Corner", city: lisbon });
      const restaurant = new Restaurant({ placePtr: place, name: "Corner", seats: 3 });
      await restaurant.save();
      assert.equal(restaurant.id, place.id);
      assert.equal(await Place.objects.count(), 1);
    });

    test("goes through three tables, and through a reference of another name", async () => {
      const pizzeria = await Pizzeria.objects.create({ name: "Forno", seats: 9, oven: "wood" });
      const fresh = await Pizzeria.objects.get({ name: "Forno" });
      assert.deepEqual([fresh.pk, fresh.seats, fresh.oven], [pizzeria.id, 9, "wood"]);
      fresh.name = "Pedra";
      fresh.oven = "stone";
      await fresh.save();
      assert.equal((await Restaurant.objects.get({ id: fresh.id })).name, "Pedra");
      const museum = await Museum.objects.create({ name: "Tile", rooms: 4 });
      assert.deepEqual([museum.siteId, (await Museum.objects.get({ name: "Tile" })).rooms], [museum.id, 4]);
    });

    test("many at once is refused, as in Django", async () => {
      await assert.rejects(Restaurant.objects.bulkCreate([new Restaurant({ name: "x" })]), {
        message: "Can't bulk create a multi-table inherited model",
      });
    });
  });

  describe("a query", () => {
    beforeEach(async () => {
      await make("Ana", { seats: 5 });
      await make("Zé", { seats: 50, servesPizza: false });
      await Place.objects.create({ name: "Park", city: lisbon });
    });

    test("filters, orders and counts by fields of both tables", async () => {
      const names = (rows: readonly Place[]) => rows.map(({ name }) => name);
      assert.deepEqual(names(await Restaurant.objects.all()), ["Ana", "Zé"]);
      assert.deepEqual(names(await Restaurant.objects.filter({ name__startswith: "A", seats__lt: 10 })), ["Ana"]);
      assert.deepEqual(names(await Restaurant.objects.orderBy("-name")), ["Zé", "Ana"]);
      assert.deepEqual(names(await Restaurant.objects.filter({ city__name: "Lisbon" }).orderBy("seats")), [
        "Ana",
        "Zé",
      ]);
      assert.deepEqual(names(await Restaurant.objects.exclude({ name: "Ana" })), ["Zé"]);
      assert.equal(await Restaurant.objects.filter({ city: lisbon }).count(), 2);
      assert.deepEqual(names(await Place.objects.filter({ restaurant__servesPizza: true })), ["Ana"]);
      assert.deepEqual(names(await Place.objects.filter({ restaurant__isnull: true })), ["Park"]);
    });

    test("gives values of both tables, and computes with them", async () => {
      assert.deepEqual(await Restaurant.objects.orderBy("seats").values("name", "seats", "city__name"), [
        { name: "Ana", seats: 5, city__name: "Lisbon" },
        { name: "Zé", seats: 50, city__name: "Lisbon" },
      ]);
      const [{ total }] = await City.objects.annotate({ total: Count("places__restaurant") });
      assert.equal(total, 2);
      assert.equal((await Restaurant.objects.filter({ seats__gt: F("id") }).count()) <= 2, true);
    });

    test("joins what the parent refers to, and what refers to the child", async () => {
      const [ana] = await Restaurant.objects.selectRelated("city").orderBy("name");
      assert.equal(ana.city?.name, "Lisbon");
      await Visit.objects.create({ place: ana, meal: ana });
      const [visit] = await Visit.objects.selectRelated("meal", "place");
      assert.deepEqual([visit.meal?.name, visit.meal?.seats, visit.place.name], ["Ana", 5, "Ana"]);
      assert.equal((await ana.visits).length, 1);
      const [loaded] = await Restaurant.objects.filter({ visits__meal: ana }).prefetchRelated("visits", "near");
      assert.equal(loaded.visits.loaded?.length, 1);
      await ana.near.add(lisbon);
      assert.equal(await Restaurant.objects.filter({ near: lisbon }).count(), 1);
    });

    test("loads some columns only", async () => {
      const [ana] = await Restaurant.objects.only("name").orderBy("name");
      assert.deepEqual([ana.name, Object.hasOwn(ana, "seats")], ["Ana", false]);
      ana.name = "Anabela";
      await ana.save();
      assert.deepEqual((await Restaurant.objects.get({ name: "Anabela" })).seats, 5);
    });

    test("update() changes both tables", async () => {
      assert.equal(
        await Restaurant.objects.filter({ name: "Ana" }).update({ name: "Eva", seats: F("seats").add(1) }),
        1,
      );
      const eva = await Restaurant.objects.get({ name: "Eva" });
      assert.equal(eva.seats, 6);
      assert.equal(await Restaurant.objects.filter({ seats__gt: 5 }).update({ city: null }), 2);
      assert.equal(await Place.objects.filter({ city: null }).count(), 2);
    });
  });

  describe("the other side", () => {
    test("a place knows its restaurant, or says that it has none", async () => {
      const { id } = await make("Ana");
      const place = await Place.objects.get({ id });
      assert.equal((await place.restaurant).seats, 0);
      const park = await Place.objects.create({ name: "Park" });
      await assert.rejects(
        async () => await park.restaurant,
        (error: Error) => {
          assert.ok(error instanceof Restaurant.DoesNotExist);
          assert.ok(error instanceof Place.DoesNotExist);
          assert.equal(error.message, "Place has no restaurant.");
          return true;
        },
      );
    });

    test("a restaurant is a place without asking the database", async () => {
      const ana = await make("Ana");
      const statements = await statementsOf(async () => {
        const place = await ana.placePtr;
        assert.ok(place instanceof Place && !(place instanceof Restaurant));
        assert.equal(place.name, "Ana");
      });
      assert.deepEqual(statements, []);
    });
  });

  describe("deleting", () => {
    test("a child deletes its parents' rows, and what refers to them", async () => {
      const pizzeria = await Pizzeria.objects.create({ name: "Forno" });
      await Visit.objects.create({ place: pizzeria });
      await pizzeria.near.add(lisbon);
      assert.deepEqual(await pizzeria.delete(), [
        5,
        {
          "places.Place_near": 1,
          "places.Visit": 1,
          "places.Pizzeria": 1,
          "places.Restaurant": 1,
          "places.Place": 1,
        },
      ]);
    });

    test("a parent deletes its children, of whatever kind", async () => {
      const ana = await make("Ana");
      await new Museum({ site: await ana.placePtr, name: "Ana" }).save();
      const [total] = await Place.objects.filter({ id: ana.id }).delete();
      assert.equal(total, 3);
      assert.equal(await Museum.objects.count(), 0);
    });

    test("keepParents leaves the parent and what refers to it", async () => {
      const ana = await make("Ana");
      await Visit.objects.create({ place: ana });
      assert.deepEqual(await ana.delete({ keepParents: true }), [1, { "places.Restaurant": 1 }]);
      assert.deepEqual([await Place.objects.count(), await Visit.objects.count()], [1, 1]);
    });

    test("tells of each row, as an object of its own model", async () => {
      const heard: string[] = [];
      const listen = ({ instance }: { instance: object }) => heard.push(instance.constructor.name);
      const ana = await make("Ana");
      preDelete.connect(listen);
      try {
        await ana.delete();
      } finally {
        preDelete.disconnect(listen);
      }
      assert.deepEqual(heard, ["Restaurant", "Place"]);
    });
  });

  test("managers of parents, abstract ones or not, are a child's own", async () => {
    await Hall.objects.create({ seats: 50 });
    await Hall.objects.create({ seats: 500 });
    await Stadium.objects.create({ seats: 5000 });
    assert.deepEqual([await Hall.big.count(), await Stadium.big.count(), await Hall.objects.count()], [2, 1, 3]);
    assert.equal(Stadium.big.model as unknown, Stadium);
  });

  describe("a proxy", () => {
    test("shares the table and has an ordering and methods of its own", async () => {
      await make("Ana", { seats: 5 });
      await Diner.objects.create({ name: "Bob", seats: 20 });
      const diners = await Diner.objects.all();
      assert.deepEqual(
        diners.map((diner) => [diner.name, diner.isSmall, diner instanceof Diner]),
        [
          ["Bob", false, true],
          ["Ana", true, true],
        ],
      );
      assert.equal(await Restaurant.objects.count(), 2);
      const [same] = await Restaurant.objects.filter({ name: "Ana" });
      assert.ok(same.equals(diners[1]));
      assert.deepEqual([Diner._meta.dbTable, Diner._meta.concreteModel], ["places_restaurant", Restaurant]);
    });

    test("is saved and deleted like what it stands for, with what refers to it", async () => {
      const diner = await Diner.objects.create({ name: "Bob" });
      await Visit.objects.create({ place: diner, meal: diner });
      diner.name = "Rob";
      await diner.save();
      assert.equal((await Place.objects.get({ id: diner.id })).name, "Rob");
      const [total] = await Diner.objects.all().delete();
      assert.equal(total, 3);
      assert.equal(await Place.objects.count(), 0);
    });

    test("does not exist in its own way", async () => {
      await assert.rejects(Diner.objects.get({ name: "?" }), Diner.DoesNotExist);
      await assert.rejects(Diner.objects.get({ name: "?" }), Restaurant.DoesNotExist);
      assert.throws(() => Diner.objects.filter({ nothing: 1 } as never), FieldError);
    });
  });
});
