import type { IncomingMessage } from "node:http";

/** The body is longer than is taken. */
export class BodyTooLarge extends Error {}

/** The client went away before the body was complete. */
export class BodyIncomplete extends Error {}

const nothing = Buffer.alloc(0);

/**
 * The whole body of a request, at most `limit` bytes of it. A longer one is given up as soon as that is known: by its
 * `Content-Length` before a byte is read, else at the first byte too many.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> | Buffer {
  const length = request.headers["content-length"];
  if (length === "0" || (length === undefined && request.headers["transfer-encoding"] === undefined)) return nothing;
  if (Number(length) > limit) throw new BodyTooLarge();
  return collect(request, limit);
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        reject(new BodyTooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("aborted", () => reject(new BodyIncomplete()));
  });
}
