// The rows of whole models, in the order and amounts in which `dumpdata` writes them.

import { defaultManager } from "../manager.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { QuerySet } from "../queryset.ts";
import { everyRow } from "./managers.ts";
import { declaredDependencies, hasNaturalKey } from "./natural_keys.ts";
import { pairedFields } from "./object_encoder.ts";

/** Rows that are in memory at a time. */
const BATCH = 500;

/** Which rows of the models are dumped. */
export interface DumpOptions {
  using?: string;
  /** Also those that the models' managers leave out. */
  all?: boolean;
  /** Only the rows with these keys. */
  pks?: readonly string[];
}

/** How many rows {@link dumpObjects} would give. */
export async function countObjects(models: readonly ModelClass[], options: DumpOptions = {}): Promise<number> {
  let count = 0;
  for (const model of models) count += await rowsOf(model, options).count();
  return count;
}

/** The rows of models by key, a few hundred in memory at a time, with their relations to many. */
export async function* dumpObjects(
  models: readonly ModelClass[],
  options: DumpOptions = {},
): AsyncGenerator<BaseModel> {
  for (const model of models) yield* inBatches(model, rowsOf(model, options));
}

function rowsOf(model: ModelClass, { using, all, pks }: DumpOptions): QuerySet<BaseModel> {
  const rows = (all ? everyRow(model) : defaultManager(model).getQueryset()).orderByNames(["pk"]);
  const chosen = pks ? rows.where("pk__in", pks) : rows;
  return using === undefined ? chosen : chosen.using(using);
}

/** Each batch begins behind the last key of the one before, which costs the same however many rows came before it. */
async function* inBatches(model: ModelClass, rows: QuerySet<BaseModel>): AsyncGenerator<BaseModel> {
  const names = pairedFields(model).map(({ name }) => name);
  const related = rows.prefetchRelated(...(names as never[]));
  let batch = await related.slice(0, BATCH);
  while (batch.length > 0) {
    yield* batch;
    if (batch.length < BATCH) return;
    batch = await related.where("pk__gt", batch[batch.length - 1].pk).slice(0, BATCH);
  }
}

/**
 * Models so that one comes behind those whose natural keys it refers to; where they refer to each other in a circle, one
 * of them comes first all the same. Otherwise their order stays. (django.core.serializers.sort_dependencies)
 */
export function sortDependencies(models: readonly ModelClass[]): ModelClass[] {
  const sorted: ModelClass[] = [];
  let waiting = models.map((model) => ({ model, needs: dependencies(model, models) }));
  while (waiting.length > 0) {
    const skipped: typeof waiting = [];
    for (const entry of waiting) {
      if (entry.needs.every((model) => sorted.includes(model))) sorted.push(entry.model);
      else skipped.push(entry);
    }
    if (skipped.length === waiting.length) sorted.push((skipped.pop() as (typeof skipped)[number]).model);
    // Django goes through what is left from its end.
    waiting = skipped.toReversed();
  }
  return sorted;
}

function dependencies(model: ModelClass, among: readonly ModelClass[]): ModelClass[] {
  const declared = declaredDependencies(model);
  const related = [...model._meta.localFields.filter((field) => field.isForeignKey), ...pairedFields(model)]
    .map((field) => field.relatedModel)
    .filter((other) => other !== model && hasNaturalKey(other));
  return among.filter((other) => related.includes(other) || declared.includes(other._meta.label.toLowerCase()));
}
