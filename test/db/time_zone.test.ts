import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { connections, ExtractHour, TruncDate, TruncDay } from "core-framework/db";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { models, Sample } from "./models.ts";
import { createTables } from "./schema.ts";

forEachDatabase((_name, makeUrl) => {
  let url: string;
  before(async () => {
    url = await makeUrl();
    await createTables(await connectTo(() => url), models);
    // In Madrid it is half past midnight of the new year by then.
    await Sample.objects.create({ moment: new Date("2023-12-31T23:30:00Z"), day: "2023-12-31" });
  });
  afterEach(resetSettings);
  after(() => connections.closeAll());

  const inZone = async (TIME_ZONE: string) => {
    configureSettings({ SECRET_KEY: "x".repeat(50), TIME_ZONE });
    await connectTo(() => url);
    const [row] = await Sample.objects
      .annotate({ hour: ExtractHour("moment"), on: TruncDate("moment"), start: TruncDay("moment") })
      .values("hour", "on", "start", "moment__year");
    const count = async (conditions: object) => Sample.objects.filter(conditions as { day__year: number }).count();
    return {
      ...row,
      start: (row.start as Date).toISOString().slice(0, 16),
      found: [
        await count({ moment__year: 2024 }),
        await count({ moment__date: "2024-01-01" }),
        await count({ day__year: 2023 }),
      ],
    };
  };

  test("an instant has the day and the hour of TIME_ZONE; a date is the date that it is", async () => {
    assert.deepEqual(await inZone("UTC"), {
      ...{ hour: 23, on: "2023-12-31", start: "2023-12-31T00:00", moment__year: 2023 },
      found: [0, 0, 1],
    });
    assert.deepEqual(await inZone("Europe/Madrid"), {
      ...{ hour: 0, on: "2024-01-01", start: "2023-12-31T23:00", moment__year: 2024 },
      found: [1, 1, 1],
    });
  });
});
