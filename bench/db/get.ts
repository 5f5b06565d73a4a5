import type { Case } from "../support/case.ts";
import { measure } from "../support/measure.ts";
import type { Bench } from "./database.ts";
import { Book } from "./models.ts";
import { PlainBook } from "./typeorm.ts";

/** One row by its key. */
export const get: Case<Bench> = {
  name: "get",
  title: "One row by its key: `get({ id })`",
  async run({ driver, typeorm, database }) {
    const repository = typeorm.getRepository(PlainBook);
    const sql = `SELECT * FROM bench_book WHERE id = ${database.name === "sqlite" ? "?" : "$1"}`;
    let id = 0;
    const next = () => 1 + (id++ % 1000);
    const figures = await measure({
      "core-framework": () => Book.objects.get({ id: next() }),
      TypeORM: () => repository.findOneBy({ id: next() }),
      driver: () => driver.all(sql, [next()]),
    });
    return { figures, targets: [{ subject: "core-framework", against: "TypeORM", atMost: 0.5 }] };
  },
};
