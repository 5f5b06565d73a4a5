// django.db.models.functions.uuid
import type { Is } from "../expressions/base.ts";
import type { Func } from "../expressions/func.ts";
import { func, outputKind } from "./arguments.ts";

function made(name: string, postgresql: string): Func<Is<string>> {
  return func({
    name,
    sql: (_args, { vendor }) => (vendor === "sqlite" ? `core_${name.toLowerCase()}()` : postgresql),
    output: outputKind("UUIDField"),
    nullable: false,
  });
}

/** A random UUID, another one for each row. */
export function UUID4(): Func<Is<string>> {
  return made("UUID4", "GEN_RANDOM_UUID()");
}

/** The milliseconds of now, then what is random; the two bits make a 7 of the version 4. */
const uuid7 =
  "ENCODE(SET_BIT(SET_BIT(OVERLAY(UUID_SEND(GEN_RANDOM_UUID()) PLACING SUBSTRING(INT8SEND(" +
  "FLOOR(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid";

/** A UUID that begins with the time, so that later ones are greater; another one for each row. */
export function UUID7(): Func<Is<string>> {
  return made("UUID7", uuid7);
}
