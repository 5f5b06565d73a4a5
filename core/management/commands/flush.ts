import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { type Connection, connections } from "../../db/connections.ts";
import { executeFlush, existingTables, type FlushOptions, flushSql } from "../../db/flush.ts";
import type { ModelClass } from "../../db/models.ts";
import { DatabaseError, OperationalError } from "../../exceptions.ts";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";
import { emitPostMigrate } from "../post_migrate.ts";
import { askText, canAsk } from "../prompts.ts";

/** `callCommand()` may also say how tables are emptied, and that nobody is told afterwards. */
interface Options extends FlushOptions {
  database: string;
  input?: boolean;
  inhibitPostMigrate?: boolean;
}

export default class extends BaseCommand<Options> {
  override help =
    "Removes ALL DATA from the database, including data added during migrations. " +
    'Does not achieve a "fresh install" state.';

  override addArguments(command: Command): void {
    command
      .option("--noinput, --no-input", "do not ask for confirmation")
      .option("--database <alias>", "the database to flush", "default");
  }

  override async handle(options: Options & CommonOptions): Promise<void> {
    const connection = connections.get(options.database);
    const tables = await existingTables(connection, apps.getModels<ModelClass>());
    const statements = await flushSql(connection, tables, options);
    if (!(await this.#isConfirmed(connection, options))) return this.stdout.write("Flush cancelled.");
    await executeFlush(connection.alias, statements).catch((error) => cannotFlush(connection, error));
    // Without tables nobody could do anything.
    if (statements.length === 0 || options.inhibitPostMigrate) return;
    await emitPostMigrate(connection, options.verbosity, this.stdout);
  }

  async #isConfirmed({ config }: Connection, { input = true }: Options): Promise<boolean> {
    if (!input) return true;
    if (!canAsk()) {
      throw new CommandError(`This would destroy all data in the "${config.name}" database, and nobody can be asked.`, {
        hint: "Say --noinput if that is meant.",
      });
    }
    this.stdout.write(
      "You have requested a flush of the database.\n" +
        `This will IRREVERSIBLY DESTROY all data currently in the "${config.name}" database,\n` +
        "and return each table to an empty state.\nAre you sure you want to do this?\n",
    );
    return (await askText("Type 'yes' to continue, or 'no' to cancel:")) === "yes";
  }
}

function cannotFlush({ config }: Connection, error: unknown): never {
  if (!(error instanceof DatabaseError) || error instanceof OperationalError) throw error;
  throw new CommandError(`Database ${config.name} couldn't be flushed: ${error.message}`, {
    hint: "Look at the output of 'core sqlflush'. That's the SQL this command wasn't able to run.",
    cause: error,
  });
}
