// django.utils.crypto: random texts, and a comparison that tells nothing by the time it takes.
import { createHash, randomInt, timingSafeEqual } from "node:crypto";

/** Letters and digits: about 5.95 bits of randomness a character. */
export const RANDOM_STRING_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * A text of random characters that nobody can guess.
 *
 * @param length how many characters
 * @param allowed which characters there may be
 * @example
 * getRandomString(22); // "kX9…"
 */
export function getRandomString(length: number, allowed: string = RANDOM_STRING_CHARS): string {
  return Array.from({ length }, () => allowed[randomInt(allowed.length)]).join("");
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function constantTimeCompare(left: string, right: string): boolean {
  // Hashed first, because timingSafeEqual throws where the lengths differ, which would tell the length.
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(left), digest(right));
}
