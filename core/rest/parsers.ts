import { JsonSyntaxError, parseJson } from "../utils/json.ts";
import { ParseError } from "./exceptions.ts";

/** Turns a body into data. */
export abstract class BaseParser {
  /** The media type that it reads, without parameters. */
  abstract readonly mediaType: string;

  /** Throws a ParseError where the body is not of that type. */
  abstract parse(body: Buffer, contentType: string): unknown;
}

export type ParserClass = new () => BaseParser;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Strict JSON: no NaN or Infinity; long integers keep their digits. */
export class JSONParser extends BaseParser {
  readonly mediaType = "application/json";

  parse(body: Buffer): unknown {
    try {
      return parseJson(utf8.decode(body));
    } catch (error) {
      if (error instanceof JsonSyntaxError || error instanceof TypeError)
        throw new ParseError(`JSON parse error - ${error.message}`);
      throw error;
    }
  }
}
