import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Signal } from "../core/dispatch.ts";

test("receivers run in order, each awaited before the next", async () => {
  const signal = new Signal<string>();
  const heard: string[] = [];
  signal.connect(async (word) => {
    await setTimeout(5);
    heard.push(`slow ${word}`);
  });
  signal.connect((word) => heard.push(`fast ${word}`));
  await signal.send("go");
  assert.deepEqual(heard, ["slow go", "fast go"]);
});

test("a receiver with a dispatchUid is connected once and found again by it", async () => {
  const signal = new Signal();
  let calls = 0;
  for (const _ of [1, 2]) signal.connect(() => calls++, { dispatchUid: "only" });
  await signal.send();
  assert.equal(calls, 1);
  assert.equal(signal.disconnect(undefined, { dispatchUid: "only" }), true);
  assert.equal(signal.hasListeners, false);
});

test("a receiver of one sender does not hear another", async () => {
  const [ours, theirs] = [{}, {}];
  const signal = new Signal<number>();
  const heard: number[] = [];
  signal.connect((value) => heard.push(value), { sender: ours });
  await signal.send(1, ours);
  await signal.send(2, theirs);
  assert.deepEqual(heard, [1]);
});

test("send stops at the first error; sendRobust reports it and goes on", async () => {
  const signal = new Signal();
  let reached = 0;
  signal.connect(() => {
    throw new Error("broken");
  });
  signal.connect(() => ++reached);
  await assert.rejects(signal.send(), /broken/);
  assert.equal(reached, 0);
  const results = await signal.sendRobust();
  assert.equal((results[0].error as Error).message, "broken");
  assert.equal(results[1].value, 1);
});
