import { randomBytes } from "node:crypto";
import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { INSECURE_PREFIX } from "../../conf/secret_key.ts";
import { camelCaseToSpaces, capfirst } from "../../utils/text.ts";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";
import { askChoice, askText, askYesNo, canAsk } from "../prompts.ts";
import { appNameProblem, frameworkSpec, makeApp, projectNameProblem, readManifest, refuse } from "../scaffold.ts";
import { checkEmpty, copyTemplate } from "../templates.ts";

interface Options extends CommonOptions {
  directory?: string;
  database?: "sqlite" | "postgres" | "postgresql";
  auth?: boolean;
  docker?: boolean;
  apps?: string[];
  example?: boolean;
  noinput?: boolean;
  input: boolean;
}

/** Everything that has to be known before the first file is written. */
interface Project {
  name: string;
  target: string;
  postgres: boolean;
  auth: boolean;
  docker: boolean;
  apps: string[];
  example: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Makes a project. At a terminal it asks for what the options leave open.";
  override requiresSetup = false;

  override addArguments(command: Command): void {
    command
      .argument("[name]", "the project's name: my-api")
      .option("--directory <folder>", "where to make it (default: a folder called like the project)")
      .addOption(
        new Option("--database <kind>", "sqlite (the default) or postgres").choices([
          "sqlite",
          "postgres",
          "postgresql",
        ]),
      )
      .option("--auth", "with users, groups and permissions (the default)")
      .option("--no-auth", "without")
      .option("--docker", "with a Dockerfile")
      .option("--no-docker", "without (the default)")
      .option("--apps <names>", "make these apps too: users,posts", (names) =>
        names
          .split(",")
          .map((name) => name.trim())
          .filter(Boolean),
      )
      .option("--example", "with a small working resource in each app (an app called notes where none is named)")
      .option("--noinput", "ask nothing, also at a terminal")
      .addOption(new Option("--no-input").hideHelp());
  }

  override async handle(options: Options, name?: string): Promise<void> {
    const project = await this.#plan(options, name);
    const files = copyTemplate("project_template", project.target, templateContext(project));
    for (const app of project.apps) makeApp({ name: app, root: project.target, example: project.example });
    if (options.verbosity > 1) for (const file of files) this.stdout.write(`  ${file}`);
    if (options.verbosity > 0) this.#tell(project);
  }

  /** Completes the options with answers or defaults, and refuses what cannot work before anything is written. */
  async #plan(options: Options, given?: string): Promise<Project> {
    const asking = canAsk({ input: options.input && !options.noinput });
    const name = given ?? (asking ? await askText("Project name:", refusal(projectNameProblem)) : undefined);
    if (name === undefined) {
      throw new CommandError("The project needs a name.", { hint: "For example: core startproject my-api" });
    }
    refuse(projectNameProblem(name), "For example: core startproject my-api");
    const target = resolve(options.directory ?? name);
    checkEmpty(target);
    const answers = asking ? await askForOpen(options) : options;
    const { auth = true, docker = false, example = false, database = "sqlite" } = answers;
    const apps = answers.apps ?? (example ? ["notes"] : []);
    for (const app of apps) refuse(appNameProblem(app), "For example: --apps users,blog_posts");
    return { name, target, postgres: database !== "sqlite", auth, docker, apps: [...new Set(apps)], example };
  }

  #tell({ name, target, apps, postgres, example }: Project): void {
    const folder = relative(process.cwd(), target);
    this.stdout.success(folder === "" ? `Created ${name} here.` : `Created ${folder}.`);
    const steps = [
      ...(folder === "" ? [] : [`cd ${folder}`]),
      "npm install",
      ...(postgres ? [`createdb ${databaseName(name)}   # or set DATABASE_URL in .env`] : []),
      ...(apps.length > 0 ? [] : ["npx core startapp posts"]),
      ...(apps.length > 0 && example ? ["npx core makemigrations"] : []),
      "npx core migrate",
      "npx core run",
    ];
    this.stdout.write("\nNext:");
    for (const step of steps) this.stdout.write(`  ${step}`);
  }
}

/** inquirer's form of a check: the sentence, or true. */
function refusal(problem: (text: string) => string | undefined): (text: string) => string | true {
  return (text) => problem(text.trim()) ?? true;
}

async function askForOpen(options: Options): Promise<Options> {
  const database = options.database ?? (await askChoice("Database:", DATABASES));
  const auth = options.auth ?? (await askYesNo("Users, groups and permissions?", true));
  const docker = options.docker ?? (await askYesNo("A Dockerfile?", false));
  const apps = options.apps ?? splitNames(await askText("Apps, separated by commas (none for now: Enter):", appNames));
  return { ...options, database, auth, docker, apps };
}

const DATABASES = [
  { name: "SQLite (nothing to install)", value: "sqlite" },
  { name: "PostgreSQL", value: "postgres" },
] as const;

function splitNames(text: string): string[] | undefined {
  const names = text.split(/[\s,]+/).filter(Boolean);
  return names.length > 0 ? names : undefined;
}

function appNames(text: string): string | true {
  return (
    splitNames(text)
      ?.map(appNameProblem)
      .find((problem) => problem !== undefined) ?? true
  );
}

function templateContext(project: Project) {
  const { name, target, postgres, auth, docker } = project;
  const { peerDependencies, devDependencies, allowScripts, engines } = readManifest();
  const json = (value: unknown) => JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
  const dependencies = {
    "class-validator": peerDependencies["class-validator"],
    "core-framework": frameworkSpec(target),
    ...(postgres ? { pg: peerDependencies.pg } : {}),
  };
  const values = {
    projectName: name,
    projectTitle: capfirst(camelCaseToSpaces(name.replaceAll("-", "_"))),
    secretKey: INSECURE_PREFIX + randomBytes(48).toString("base64url"),
    databaseUrl: postgres ? `postgresql://localhost:5432/${databaseName(name)}` : "sqlite:///db.sqlite3",
    installedApps: auth ? '"core.contenttypes", "core.auth"' : "",
    dependencies: json(dependencies),
    devDependencies: json({ "@types/node": devDependencies["@types/node"], typescript: devDependencies.typescript }),
    allowScripts: json(allowScripts ?? {}),
    node: engines.node,
  };
  return {
    values,
    flags: { postgres, docker },
    only: { "Dockerfile-tpl": "docker", "dot-dockerignore-tpl": "docker" },
  };
}

function databaseName(name: string): string {
  return name.replaceAll(/[.-]/g, "_");
}
