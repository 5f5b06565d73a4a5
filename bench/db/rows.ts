import type { Case } from "../support/case.ts";
import { measure } from "../support/measure.ts";
import type { Bench } from "./database.ts";
import { Book } from "./models.ts";
import { PlainBook } from "./typeorm.ts";

const LIMIT = 100;

/** A page of rows: as objects of the model, as plain objects, and as the driver gives them. */
export const rows: Case<Bench> = {
  name: "rows",
  title: "100 rows of nine columns",
  async run({ driver, typeorm }) {
    const repository = typeorm.getRepository(PlainBook);
    const sql = `SELECT * FROM bench_book ORDER BY id LIMIT ${LIMIT}`;
    const books = Book.objects.orderBy("id").slice(0, LIMIT);
    const plain = books.values();
    const figures = await measure({
      objects: () => books.slice(0, LIMIT),
      "values()": () => plain.slice(0, LIMIT),
      // Without any conversion: rows as arrays of texts on PostgreSQL, of SQLite's own values on SQLite.
      "driver, raw": () => driver.raw(sql),
      TypeORM: () => repository.find({ order: { id: "ASC" }, take: LIMIT }),
      driver: () => driver.all(sql),
    });
    return {
      figures,
      targets: [
        { subject: "objects", against: "driver", atMost: 1.3 },
        { subject: "values()", against: "driver", atMost: 1.1 },
      ],
    };
  },
};
