import { type Column, schema } from "./schema.ts";

/** A lookup's name in its parts. */
export interface Path {
  /** Relations on the way. */
  links: readonly string[];
  /** The column at the end; a relation at the end stands for the id of its row. */
  column: string;
  kind: Column;
  transforms: readonly string[];
  operator: string;
}

/** Reads `author__books__publishedOn__year__gte`. */
export function parsePath(model: string, key: string): Path {
  const parts = key.split("__");
  const links: string[] = [];
  let table = schema[model];
  while (parts.length > 0 && parts[0] in table.links) {
    const name = parts.shift() as string;
    links.push(name);
    table = schema[table.links[name].to];
  }
  let column = "id";
  if (parts[0] === "pk") parts.shift();
  else if (parts[0] in table.columns) column = parts.shift() as string;
  const transforms = parts.filter((part) => transformNames.has(part));
  const [operator = "exact", ...rest] = parts.filter((part) => !transformNames.has(part));
  if (rest.length > 0 || !operatorNames.has(operator))
    throw new RangeError(`the oracle does not know ${key} of ${model}`);
  return { links, column, kind: table.columns[column], transforms, operator };
}

const transformNames: ReadonlySet<string> = new Set(
  "year month day quarter isoYear week weekDay isoWeekDay hour minute second date time".split(" "),
);

const operatorNames: ReadonlySet<string> = new Set(
  `exact iexact contains icontains startswith istartswith endswith iendswith
   in range gt gte lt lte isnull regex iregex`.split(/\s+/),
);

/** Some relation of the path leads to many rows. */
export function leadsToMany(model: string, { links }: Path): boolean {
  let at = schema[model];
  return links.some((name) => {
    const link = at.links[name];
    at = schema[link.to];
    return link.many;
  });
}
