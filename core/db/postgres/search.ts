// django.contrib.postgres.search: full text search, and texts that are like each other.
import { FieldError, NotSupportedError } from "../../exceptions.ts";
import { Expression, type Is, Value } from "../expressions/base.ts";
import { Func, type FuncKind } from "../expressions/func.ts";
import { type Argument, argument, outputKind, type Strict } from "../functions/arguments.ts";

type Write = (args: readonly string[]) => string;

function kindOf(name: string, write: Write, output: FuncKind["output"] = () => null, nullable = false): FuncKind {
  const sql: FuncKind["sql"] = (args, { vendor }) => {
    if (vendor === "postgresql") return write(args);
    throw new NotSupportedError(`${name.split(" ")[0]} is not supported on this database backend: PostgreSQL has it.`);
  };
  return { name, sql, output, nullable };
}

/** The name of a configuration, as a literal with a comma behind it; nothing for the database's own. */
function configuration(config: string | undefined): string {
  if (config === undefined) return "";
  if (/^[\w.]+$/.test(config)) return `'${config}'::regconfig, `;
  throw new FieldError(`${JSON.stringify(config)} is no name of a text search configuration.`);
}

const vectorOutput = outputKind("SearchVectorField");

/** What a {@link SearchVector} may be told. */
export interface SearchVectorOptions {
  /** The language, such as `"english"`. */
  config?: string;
  /** How much its words count, `"A"` the most. */
  weight?: "A" | "B" | "C" | "D";
}

/** The words of texts; see {@link SearchVector}. */
export class SearchVectorExpression extends Func<Is<string>> {
  /** Together with the words of other texts, which may have another weight. */
  concat(other: SearchVectorExpression): SearchVectorExpression {
    const write: Write = ([left, right]) => `(${left} || ${right})`;
    return new SearchVectorExpression(kindOf("SearchVectors", write, vectorOutput), [this, other]);
  }
}

/**
 * The words of some columns, to be compared with a {@link SearchQuery}. PostgreSQL only.
 *
 * @example
 * Book.objects.annotate({ search: SearchVector("title", "author__name") }).filter({ search: SearchQuery("sea") });
 */
export function SearchVector(...args: readonly (Argument | SearchVectorOptions)[]): SearchVectorExpression {
  const last = args.at(-1);
  const hasOptions = typeof last === "object" && last !== null && !(last instanceof Expression);
  const { config, weight } = (hasOptions ? last : {}) as SearchVectorOptions;
  if (weight !== undefined && !/^[A-D]$/.test(weight)) throw new FieldError("A weight is one of A, B, C and D.");
  const language = configuration(config);
  const write: Write = (texts) => {
    const all = texts.map((text) => `COALESCE((${text})::text, '')`).join(" || ' ' || ");
    const vector = `TO_TSVECTOR(${language}${all})`;
    return weight ? `SETWEIGHT(${vector}, '${weight}')` : vector;
  };
  const kind = kindOf(`SearchVector ${config ?? ""} ${weight ?? ""}`, write, vectorOutput);
  return new SearchVectorExpression(kind, (hasOptions ? args.slice(0, -1) : args).map(argument));
}

const queryFunctions = {
  plain: "PLAINTO_TSQUERY",
  phrase: "PHRASETO_TSQUERY",
  raw: "TO_TSQUERY",
  websearch: "WEBSEARCH_TO_TSQUERY",
} as const;

/** What a {@link SearchQuery} may be told. */
export interface SearchQueryOptions {
  config?: string;
  /** How the text is understood: all words, words in this order, PostgreSQL's own syntax, or as a search engine does. */
  searchType?: keyof typeof queryFunctions;
}

/** What is searched for; see {@link SearchQuery}. */
export class SearchQueryExpression extends Func<Is<string>> {
  and(other: SearchQueryExpression): SearchQueryExpression {
    return this.#joined("&&", other);
  }

  or(other: SearchQueryExpression): SearchQueryExpression {
    return this.#joined("||", other);
  }

  not(): SearchQueryExpression {
    return new SearchQueryExpression(
      kindOf("SearchNot", ([query]) => `(!! ${query})`),
      [this],
    );
  }

  #joined(symbol: string, other: SearchQueryExpression): SearchQueryExpression {
    const write: Write = ([left, right]) => `(${left} ${symbol} ${right})`;
    return new SearchQueryExpression(kindOf(`SearchQuery ${symbol}`, write), [this, other]);
  }
}

/** What is searched for: a text, or an expression. `SearchQuery("red cat").or(SearchQuery("dog"))`. PostgreSQL only. */
export function SearchQuery(value: string | Expression, options: SearchQueryOptions = {}): SearchQueryExpression {
  const { config, searchType = "plain" } = options;
  if (!Object.hasOwn(queryFunctions, searchType)) throw new FieldError(`Unknown searchType argument '${searchType}'.`);
  const language = configuration(config);
  const write: Write = ([text]) => `${queryFunctions[searchType]}(${language}${text})`;
  const kind = kindOf(`SearchQuery ${searchType} ${config ?? ""}`, write);
  return new SearchQueryExpression(kind, [typeof value === "string" ? Value(value) : value]);
}

/** What a {@link SearchRank} may be told. */
export interface SearchRankOptions {
  /** How much words of the weights D, C, B and A count; by default 0.1, 0.2, 0.4 and 1. */
  weights?: readonly [number, number, number, number];
  /** PostgreSQL's flags for the length of documents. */
  normalization?: number;
  /** Words that stand near each other count more. */
  coverDensity?: boolean;
}

/** How well the words match. A text for the vector names a column, one for the query is searched for. */
export function SearchRank(
  vector: string | Expression,
  query: string | Expression,
  options: SearchRankOptions = {},
): Func<Is<number>> {
  const { weights, normalization, coverDensity = false } = options;
  if ([...(weights ?? []), normalization ?? 0].some((value) => !Number.isFinite(value))) {
    throw new FieldError("weights and normalization are numbers.");
  }
  const write: Write = ([document, searched]) => {
    const before = weights ? `'{${weights.join(",")}}'::real[], ` : "";
    const after = normalization === undefined ? "" : `, ${Math.trunc(normalization)}`;
    return `${coverDensity ? "TS_RANK_CD" : "TS_RANK"}(${before}${document}, ${searched}${after})`;
  };
  const name = `SearchRank ${weights ?? ""} ${normalization ?? ""} ${coverDensity}`;
  return new Func(kindOf(name, write, outputKind("FloatField")), [vectorOf(vector), queryOf(query)]);
}

function vectorOf(vector: string | Expression): Expression {
  return typeof vector === "string" ? SearchVector(vector) : vector;
}

function queryOf(query: string | Expression): Expression {
  return typeof query === "string" ? SearchQuery(query) : query;
}

/** How {@link SearchHeadline} shows what was found. */
export interface SearchHeadlineOptions {
  config?: string;
  startSel?: string;
  stopSel?: string;
  maxWords?: number;
  minWords?: number;
  shortWord?: number;
  highlightAll?: boolean;
  maxFragments?: number;
  fragmentDelimiter?: string;
}

/** A part of a text, with the words that were found marked. PostgreSQL only. */
export function SearchHeadline<const A extends Argument>(
  text: A,
  query: string | Expression,
  { config, ...options }: SearchHeadlineOptions = {},
): Func<Strict<Is<string>, A>> {
  const shown = Object.entries(options).map(([name, value]) => {
    return `${name[0].toUpperCase()}${name.slice(1)}=${JSON.stringify(String(value))}`;
  });
  const language = configuration(config);
  const write: Write = ([document, searched, settings]) =>
    `TS_HEADLINE(${language}${document}, ${searched}${settings === undefined ? "" : `, ${settings}`})`;
  const args = [argument(text), queryOf(query), ...(shown.length > 0 ? [Value(shown.join(", "))] : [])];
  return new Func(kindOf(`SearchHeadline ${config ?? ""}`, write, outputKind("TextField"), true), args);
}

function trigram<R>(name: string, write: Write, ...args: readonly Expression[]): Func<R> {
  return new Func(kindOf(name, write, outputKind("FloatField"), true), args);
}

/** How alike a column and a text are, 0 to 1. The database needs its extension pg_trgm, as for the other ones. */
export function TrigramSimilarity<const A extends Argument>(expression: A, text: string): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `SIMILARITY(${left}, ${right})`;
  return trigram("TrigramSimilarity", write, argument(expression), Value(text));
}

/** How different they are. */
export function TrigramDistance<const A extends Argument>(expression: A, text: string): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `(${left} <-> ${right})`;
  return trigram("TrigramDistance", write, argument(expression), Value(text));
}

/** How alike a text is to the words of a column that are most like it. */
export function TrigramWordSimilarity<const A extends Argument>(
  text: string,
  expression: A,
): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `WORD_SIMILARITY(${left}, ${right})`;
  return trigram("TrigramWordSimilarity", write, Value(text), argument(expression));
}

/** How different it is from them. */
export function TrigramWordDistance<const A extends Argument>(
  text: string,
  expression: A,
): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `(${left} <<-> ${right})`;
  return trigram("TrigramWordDistance", write, Value(text), argument(expression));
}

/** {@link TrigramWordSimilarity} to whole words. */
export function TrigramStrictWordSimilarity<const A extends Argument>(
  text: string,
  expression: A,
): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `STRICT_WORD_SIMILARITY(${left}, ${right})`;
  return trigram("TrigramStrictWordSimilarity", write, Value(text), argument(expression));
}

/** {@link TrigramWordDistance} to whole words. */
export function TrigramStrictWordDistance<const A extends Argument>(
  text: string,
  expression: A,
): Func<Strict<Is<number>, A>> {
  const write: Write = ([left, right]) => `(${left} <<<-> ${right})`;
  return trigram("TrigramStrictWordDistance", write, Value(text), argument(expression));
}
