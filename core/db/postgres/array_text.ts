// PostgreSQL's text form of arrays: {1,NULL,"a \"b\""}, {{1,2},{3,4}}.
import { DataError } from "../../exceptions.ts";

/** An element of an array: a text, NULL, or an array again. */
export type Element = string | null | Element[];

/** An element in quotes, in which it may be anything. */
export function quoteElement(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Reads a text in quotes that begins at `start`; gives it and the place after it, or null where it has no end. */
export function readQuoted(text: string, start: number): { value: string; end: number } | null {
  if (text[start] !== '"') return null;
  let value = "";
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return { value: value + text.slice(from, at), end: at + 1 };
    if (text[at] !== "\\") continue;
    value += text.slice(from, at);
    from = ++at;
  }
  return null;
}

/** Reads an array's text. */
export function parseArray(text: string): Element[] {
  const start = text.indexOf("{");
  const reader = new Reader(text, start);
  if (start < 0) reader.fail();
  return reader.array();
}

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  fail(): never {
    throw new DataError(`The database holds the array ${JSON.stringify(this.#text)}, which has no such form.`);
  }

  array(): Element[] {
    const elements: Element[] = [];
    this.#at++;
    if (this.#take("}")) return elements;
    do elements.push(this.#element());
    while (this.#take(","));
    return this.#take("}") ? elements : this.fail();
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #element(): Element {
    if (this.#text[this.#at] === "{") return this.array();
    if (this.#text[this.#at] === '"') return this.#quoted();
    const start = this.#at;
    while (this.#at < this.#text.length && !",}".includes(this.#text[this.#at])) this.#at++;
    const plain = this.#text.slice(start, this.#at);
    return plain === "NULL" ? null : plain;
  }

  #quoted(): string {
    const { value, end } = readQuoted(this.#text, this.#at) ?? this.fail();
    this.#at = end;
    return value;
  }
}
