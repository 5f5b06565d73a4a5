// The same table as a TypeORM application would declare it, on a DataSource of its own.
import { DataSource, type DataSourceOptions, EntitySchema } from "typeorm";
import type { Database } from "./database.ts";

/** A row as TypeORM gives it. */
export class PlainBook {
  declare id: number;
  declare title: string;
  declare contact: string;
  declare pages: number;
  declare price: string;
  declare inPrint: boolean;
  declare publishedOn: string;
  declare createdAt: Date;
  declare authorId: number;
}

function entity({ name }: Database): EntitySchema<PlainBook> {
  const sqlite = name === "sqlite";
  return new EntitySchema<PlainBook>({
    name: "PlainBook",
    target: PlainBook,
    tableName: "bench_book",
    columns: {
      id: { type: sqlite ? "integer" : "bigint", primary: true, generated: "increment" },
      title: { type: "varchar", length: 200 },
      contact: { type: "varchar", length: 254 },
      pages: { type: "integer" },
      price: { type: "decimal", precision: 8, scale: 2 },
      inPrint: { type: "boolean", name: "in_print" },
      publishedOn: { type: "date", name: "published_on" },
      createdAt: { type: sqlite ? "datetime" : "timestamp with time zone", name: "created_at" },
      authorId: { type: sqlite ? "integer" : "bigint", name: "author_id" },
    },
  });
}

/** Opens TypeORM on the database of a benchmark. */
export async function openTypeorm(database: Database): Promise<DataSource> {
  const options =
    database.name === "sqlite"
      ? { type: "better-sqlite3", database: database.path }
      : { type: "postgres", url: database.url, installExtensions: false };
  const source = new DataSource({ ...options, entities: [entity(database)] } as DataSourceOptions);
  return source.initialize();
}
