import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Command, InvalidArgumentError } from "commander";
import type { BaseModel, ModelClass } from "../../db/models.ts";
import { router } from "../../db/routers.ts";
import { countObjects, type DumpOptions, dumpObjects, sortDependencies } from "../../db/serialization/dump.ts";
import { type FixtureFormat, serializeParts } from "../../db/serialization/serialize.ts";
import { CoreError } from "../../exceptions.ts";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";
import { collect } from "../list_option.ts";
import { selectModels } from "../model_labels.ts";
import { ProgressBar } from "../progress_bar.ts";

interface Options {
  format: FixtureFormat;
  indent?: number;
  database: string;
  exclude: string[];
  naturalForeign?: boolean;
  naturalPrimary?: boolean;
  all?: boolean;
  pks?: string;
  output?: string;
}

/** Compressions that Django knows and Node does not: the fixture is written without. */
const unsupported = /\.(bz2|lzma|xz|zip)$/;

export default class extends BaseCommand<Options> {
  override help = "Outputs the rows of the database as a fixture, by each model's own manager unless --all is given.";

  override addArguments(command: Command): void {
    command
      .argument("[app_label[.ModelName]...]", "only these apps or models")
      .option("--format <format>", "json, or jsonl for one object to a line", "json")
      .option("--indent <n>", "spaces a level", parseIndent)
      .option("--database <alias>", "the database to dump", "default")
      .option("-e, --exclude <app_label[.ModelName]>", "leave these out; may be given several times", collect, [])
      .option("--natural-foreign", "write relations by natural keys, where models have them")
      .option("--natural-primary", "leave out the keys of objects that have natural ones")
      .option("-a, --all", "also the rows that a model's own manager leaves out")
      .option("--pks <keys>", "only the rows with these keys, separated by commas; for one model")
      .option("-o, --output <file>", "write to a file; .gz compresses it");
  }

  override async handle(options: Options & CommonOptions, ...labels: (string | undefined)[]): Promise<void> {
    const pks = options.pks?.split(",").map((key) => key.trim());
    if (pks && !(labels.length === 1 && labels[0]?.includes("."))) {
      throw new CommandError("You can only use --pks option with one model");
    }
    const models = this.#models(labels as string[], options);
    const chosen: DumpOptions = { using: options.database, all: options.all, pks };
    const { format, indent, naturalForeign: useNaturalForeignKeys, naturalPrimary: useNaturalPrimaryKeys } = options;
    const objects = await this.#watched(models, chosen, options);
    const parts = serializeParts(format, objects, { indent, useNaturalForeignKeys, useNaturalPrimaryKeys });
    await this.#write(parts, options).catch(asUnableToSerialize);
  }

  #models(labels: readonly string[], { exclude, naturalForeign, database }: Options): ModelClass[] {
    const selected = selectModels(labels, exclude);
    const models = naturalForeign ? sortDependencies(selected) : selected;
    for (const { _meta } of models) {
      if (!_meta.proxy || models.includes(_meta.concreteModel)) continue;
      this.stderr.warning(`${_meta.label} is a proxy model and won't be serialized.`);
    }
    return models.filter((model) => !model._meta.proxy && router.allowMigrateModel(database, model));
  }

  /** Progress can be shown only where the fixture itself goes elsewhere. */
  async #watched(models: ModelClass[], chosen: DumpOptions, options: Options & CommonOptions) {
    const objects = dumpObjects(models, chosen);
    if (!options.output || !this.stdout.isTTY || options.verbosity === 0) return objects;
    return watch(objects, new ProgressBar(this.stdout, await countObjects(models, chosen)));
  }

  async #write(parts: AsyncIterable<string>, { output }: Options): Promise<void> {
    if (output !== undefined) return this.#writeFile(parts, output);
    for await (const part of parts) this.stdout.write(part, "");
  }

  async #writeFile(parts: AsyncIterable<string>, output: string): Promise<void> {
    const file = output.replace(unsupported, "");
    if (file !== output) {
      const [extension] = unsupported.exec(output) as RegExpExecArray;
      this.stderr.warning(`Unsupported file extension (${extension}). Fixtures saved in '${file}'.`);
    }
    const stream = createWriteStream(file);
    if (file.endsWith(".gz")) await pipeline(Readable.from(parts), createGzip(), stream);
    else await pipeline(Readable.from(parts), stream);
  }
}

async function* watch(objects: AsyncIterable<BaseModel>, progress: ProgressBar): AsyncGenerator<BaseModel> {
  let count = 0;
  for await (const object of objects) {
    yield object;
    progress.update(++count);
  }
}

function asUnableToSerialize(error: unknown): never {
  if (!(error instanceof CoreError) || error.code === "serializer_does_not_exist") throw error;
  const { message, hint } = error;
  throw new CommandError(`Unable to serialize database: ${message}`, { hint, cause: error });
}

function parseIndent(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}
