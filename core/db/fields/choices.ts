// django.db.models.enums and django.utils.choices: what a field may hold, and what each value is called.
import { camelCaseToSpaces, capfirst } from "../../utils/text.ts";

/** What a choice may stand for; null is "nothing chosen". */
export type ChoiceValue = string | number | bigint | boolean | null;

/** A value and its label. */
export type ChoicePair<V = ChoiceValue> = readonly [value: V, label: string];

/** Choices under a heading. */
export type ChoiceGroup<V = ChoiceValue> = readonly [group: string, choices: readonly ChoicePair<V>[]];

/** Pairs and groups, in order. */
export type ChoiceList<V = ChoiceValue> = readonly (ChoicePair<V> | ChoiceGroup<V>)[];

/** Labels by value: `{ draft: "Draft" }`; headings with such objects are groups. */
export type ChoiceMapping = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * What the option `choices` takes: pairs, groups, labels by value, {@link TextChoices} or {@link IntegerChoices}, or a
 * function that gives one of these and is called whenever they are wanted.
 */
export type Choices<V = ChoiceValue> =
  | ChoiceList<V | null>
  | ChoiceMapping
  | ReadonlyMap<V, string>
  | ChoicesFacts<V & ChoiceValue>
  | (() => Choices<V>);

/** What is known of a set of choices beside its members. */
export interface ChoicesFacts<V> {
  readonly choices: readonly ChoicePair<V | null>[];
  readonly values: readonly V[];
  readonly labels: readonly string[];
  readonly names: readonly string[];
  /** What a value is called; the value as text where it is no choice. */
  label(value: V | null): string;
}

type Members<V> = Readonly<Record<string, V | string | readonly [value: V, label: string]>>;
type ValueIn<E> = E extends readonly [infer V, string] ? V : E;
type Names<D> = Exclude<keyof D, "__empty__" | number>;

/** A set of choices: each member by its name, and what {@link ChoicesFacts} says of all. */
export type ChoicesType<D> = { readonly [K in Names<D>]: ValueIn<D[K]> } & ChoicesFacts<ValueIn<D[Names<D>]>>;

/**
 * Choices of texts under names, Django's `TextChoices`. A member is a value, or a value with its label; without one the
 * label is made of the name. `__empty__` is the label of null. A TypeScript enum will do as well.
 *
 * @example
 * const Status = TextChoices({ DRAFT: ["draft", "Draft"], IN_PRINT: "print" });
 * Status.DRAFT; // "draft"
 * Status.choices; // [["draft", "Draft"], ["print", "In Print"]]
 */
export function TextChoices<const D extends Members<string>>(members: D): ChoicesType<D> {
  return choicesOf(members);
}

/**
 * Choices of whole numbers under names, Django's `IntegerChoices`; see {@link TextChoices}.
 *
 * @example
 * const Priority = IntegerChoices({ LOW: 1, HIGH: [2, "Very high"] });
 */
export function IntegerChoices<const D extends Members<number>>(members: D): ChoicesType<D> {
  return choicesOf(members);
}

const facts = ["choices", "values", "labels", "names", "label"];

function choicesOf<D extends object>(members: D): ChoicesType<D> {
  const entries = Object.entries(members).filter(([name]) => name !== "__empty__" && !isReverse(name, members));
  const taken = entries.find(([name]) => facts.includes(name));
  if (taken) throw new TypeError(`Choices have "${taken[0]}" already; give the member another name.`);
  const pairs = entries.map(([name, member]) => pairOf(name, member as unknown));
  const empty = (members as { __empty__?: string }).__empty__;
  const choices = [...(empty === undefined ? [] : [[null, empty] as const]), ...pairs];
  const labels = new Map<unknown, string>(choices);
  return Object.freeze({
    ...Object.fromEntries(entries.map(([name], index) => [name, pairs[index][0]])),
    choices,
    values: pairs.map(([value]) => value),
    labels: choices.map(([, label]) => label),
    names: entries.map(([name]) => name),
    label: (value: unknown) => labels.get(value) ?? String(value),
  }) as unknown as ChoicesType<D>;
}

/** A numeric enum of TypeScript has its names under its numbers too. */
function isReverse(name: string, members: object): boolean {
  return /^-?\d+$/.test(name) && typeof (members as Record<string, unknown>)[name] === "string";
}

function pairOf(name: string, member: unknown): ChoicePair {
  return Array.isArray(member) ? (member as unknown as ChoicePair) : [member as ChoiceValue, labelOf(name)];
}

/** `IN_PRINT` and `InPrint` are "In Print", as Python's `title()` makes it. */
function labelOf(name: string): string {
  const words = /[a-z]/.test(name) && !name.includes("_") ? camelCaseToSpaces(name) : name.replaceAll("_", " ");
  return words.toLowerCase().split(" ").map(capfirst).join(" ");
}

/** The option `choices` in one form: pairs and groups. `read` makes the values of a mapping's keys. */
export function normalizeChoices(choices: Choices, read: (key: string) => unknown): ChoiceList {
  if (typeof choices === "function") return normalizeChoices(choices(), read);
  if (Array.isArray(choices)) return choices as ChoiceList;
  if (choices instanceof Map) return [...choices] as ChoiceList;
  if (isChoicesType(choices)) return choices.choices;
  return Object.entries(choices as ChoiceMapping).map(([key, label]) => fromMapping(key, label, read));
}

function isChoicesType(choices: object): choices is ChoicesFacts<ChoiceValue> {
  return Array.isArray((choices as { choices?: unknown }).choices);
}

function fromMapping(
  key: string,
  label: ChoiceMapping[string],
  read: (key: string) => unknown,
): ChoicePair | ChoiceGroup {
  if (typeof label === "string") return [read(key) as ChoiceValue, label];
  return [key, Object.entries(label).map(([inner, text]) => [read(inner) as ChoiceValue, text])];
}

/** Choices without their groups. */
export function flattenChoices(choices: ChoiceList): readonly ChoicePair[] {
  return choices.flatMap((choice) => (isGroup(choice) ? choice[1] : [choice]));
}

function isGroup(choice: ChoicePair | ChoiceGroup): choice is ChoiceGroup {
  return Array.isArray(choice[1]);
}
