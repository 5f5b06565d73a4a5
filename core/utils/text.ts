// django.utils.text, and the words that conventions are made of.

/**
 * `created_at` → `createdAt`. An underscore before a digit, at an end, or doubled (as in `author__name`) stays, so that
 * {@link snakeCase} gives the original back.
 */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-zA-Z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `createdAt` → `created_at`, `HTMLPage` → `html_page`, `author__bornOn` → `author__born_on`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** `blog_posts`, `blog-posts` → `BlogPosts`. */
export function pascalCase(name: string): string {
  return name
    .split(/[-_\s]+/)
    .map(capfirst)
    .join("");
}

/** `BlogPost` → `blog post`: Django's `camel_case_to_spaces`, the default verbose name of a model. */
export function camelCaseToSpaces(name: string): string {
  return snakeCase(name).replaceAll("_", " ").trim();
}

/** Raises the first letter and leaves the others: `blog post` → `Blog post`. */
export function capfirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const IRREGULAR: Readonly<Record<string, string>> = {
  child: "children",
  man: "men",
  mouse: "mice",
  person: "people",
  woman: "women",
};
const SINGULARS = Object.fromEntries(Object.entries(IRREGULAR).map(([one, many]) => [many, one]));
const UNCOUNTED = new Set(["data", "media", "news", "series", "sheep", "species"]);

/** The plural of an English noun, as far as rules go: `category` → `categories`, `box` → `boxes`. */
export function plural(noun: string): string {
  if (UNCOUNTED.has(noun)) return noun;
  if (Object.hasOwn(IRREGULAR, noun)) return IRREGULAR[noun];
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, "ies");
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** The singular of an English noun, as far as rules go: `categories` → `category`, `boxes` → `box`. */
export function singular(noun: string): string {
  if (UNCOUNTED.has(noun)) return noun;
  if (Object.hasOwn(SINGULARS, noun)) return SINGULARS[noun];
  if (/[^aeiou]ies$/.test(noun)) return noun.replace(/ies$/, "y");
  if (/(ss|x|zz|ch|sh)es$/.test(noun)) return noun.slice(0, -2);
  return /[^su]s$/.test(noun) ? noun.slice(0, -1) : noun;
}

/** `["a", "b", "c"]` → `a, b or c`. */
export function enumerate(words: readonly string[], conjunction = "or"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/**
 * The candidate that was probably meant, or undefined where none is close: at most a third of the letters may differ.
 *
 * @example
 * closestMatch("migrat", ["migrate", "runserver"]); // "migrate"
 */
export function closestMatch(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `Did you mean X?` where a candidate is close, else undefined; ready to be an error's hint. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const match = closestMatch(name, candidates);
  return match === undefined ? undefined : `Did you mean ${match}?`;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) from one word to another. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      current[column] = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) current[column] = Math.min(current[column], beforePrevious[column - 2] + 1);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[to.length];
}
