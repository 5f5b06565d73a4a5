import { parseJson, stringifyJson } from "../utils/json.ts";
import { RawJson } from "../utils/raw_json.ts";
import { NotAcceptable, NotFound } from "./exceptions.ts";
import { mediaTypeOf } from "./media_types.ts";
import type { Request } from "./request.ts";

/** What a renderer may want to know beside the data. */
export interface RenderContext {
  request: Request;
  status: number;
  /** The media type of the request's `Accept` that chose this renderer, with its parameters; empty if none did. */
  accepted: string;
}

/** Turns data into the bytes of an answer. */
export abstract class BaseRenderer {
  /** The `Content-Type`, without charset. */
  abstract readonly mediaType: string;
  /** The name in `?format=` and in suffixes. */
  abstract readonly format: string;
  /** Named in the `Content-Type` if there is one; JSON is always UTF-8 and says nothing. */
  readonly charset: string | null = "utf-8";

  abstract render(data: unknown, context: RenderContext): string | Uint8Array;
}

export type RendererClass = new () => BaseRenderer;

/** Compact JSON; indented where `Accept` says `application/json; indent=4`. */
export class JSONRenderer extends BaseRenderer {
  readonly mediaType = "application/json";
  readonly format = "json";
  override readonly charset = null;

  render(data: unknown, { accepted }: RenderContext): string {
    const indent = accepted === "" ? 0 : indentOf(accepted);
    if (indent === 0) return stringifyJson(data);
    return stringifyJson(plain(data), indent);
  }
}

/** Data without ready-made pieces of JSON text in it: what a renderer of another format wants. */
export function plain(data: unknown): unknown {
  if (data instanceof RawJson) return parseJson(data.text);
  if (Array.isArray(data)) return data.map(plain);
  if (data === null || typeof data !== "object" || Object.getPrototypeOf(data) !== Object.prototype) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)]));
}

function indentOf(accepted: string): number {
  const indent = Number(/;\s*indent=(\d{1,2})\b/.exec(accepted)?.[1] ?? 0);
  return Math.min(indent, 8);
}

/** The renderer that answers, and what of `Accept` chose it. */
export interface Negotiated {
  renderer: BaseRenderer;
  accepted: string;
}

/**
 * Chooses the renderer as DRF's DefaultContentNegotiation does: `?format=` or a suffix narrows the list, the most specific
 * media type of `Accept` that any renderer has decides, among several the view's own order. q values are not looked at.
 * Throws NotFound for a format that no renderer has, NotAcceptable where nothing fits.
 */
export function negotiate(renderers: readonly BaseRenderer[], request: Request, suffix: string | null): Negotiated {
  const format = suffix ?? request.queryParams.get("format");
  const candidates = format ? renderers.filter((renderer) => renderer.format === format) : renderers;
  if (candidates.length === 0) throw new NotFound();
  const accept = request.header("accept") ?? "*/*";
  if (accept === "*/*" || accept === "application/json") {
    const quick = candidates.find((renderer) => accept === "*/*" || renderer.mediaType === accept);
    if (quick) return { renderer: quick, accepted: "" };
  }
  return mostSpecific(candidates, accept);
}

function mostSpecific(candidates: readonly BaseRenderer[], accept: string): Negotiated {
  const types = accept
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  for (const rank of [3, 2, 1, 0]) {
    const ranked = types.filter((type) => precedence(type) === rank);
    for (const renderer of candidates) {
      const accepted = ranked.find((type) => covers(mediaTypeOf(type), renderer.mediaType));
      if (accepted) return { renderer, accepted: rank === 3 ? accepted : "" };
    }
  }
  throw new NotAcceptable();
}

function precedence(type: string): number {
  const name = mediaTypeOf(type);
  if (name === "*/*") return 0;
  if (name.endsWith("/*")) return 1;
  return /;\s*(?!q=)\w+=/.test(type) ? 3 : 2;
}

function covers(accepted: string, offered: string): boolean {
  return (
    accepted === "*/*" || accepted === offered || (accepted.endsWith("/*") && offered.startsWith(accepted.slice(0, -1)))
  );
}
