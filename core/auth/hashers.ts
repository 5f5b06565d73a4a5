// django.contrib.auth.hashers: passwords as Django stores them, so that a database may serve both.
import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeCompare, getRandomString } from "../utils/crypto.ts";

const derive = promisify(pbkdf2);

/** `PBKDF2PasswordHasher.iterations` of Django 5.2. Passwords that were stored with another count verify all the same. */
export const PBKDF2_ITERATIONS = 1_000_000;

const ALGORITHM = "pbkdf2_sha256";
const DIGEST_BYTES = 32;
/** 128 bits of randomness. */
const SALT_LENGTH = 22;
const UNUSABLE_PREFIX = "!";
const UNUSABLE_SUFFIX_LENGTH = 40;

/** How a password is to be hashed; what is not given is Django's own choice. */
export interface HashOptions {
  /** Random by default. */
  salt?: string;
  /** Default {@link PBKDF2_ITERATIONS}. */
  iterations?: number;
}

/** What stands between the dollar signs. */
interface Decoded {
  iterations: number;
  salt: string;
  hash: string;
}

/**
 * Turns a password into what `User.password` holds: `pbkdf2_sha256$<iterations>$<salt>$<hash>`.
 *
 * It takes some tenths of a second, on a thread beside the event loop: that is its purpose.
 *
 * @param password null for an account that nobody can sign in to with a password
 * @throws RangeError for a salt that Django could not read back
 * @example
 * user.password = await makePassword("correct horse");
 */
export async function makePassword(password: string | null, options: HashOptions = {}): Promise<string> {
  if (password === null) return UNUSABLE_PREFIX + getRandomString(UNUSABLE_SUFFIX_LENGTH);
  const { salt = getRandomString(SALT_LENGTH), iterations = PBKDF2_ITERATIONS } = options;
  if (salt === "" || salt.includes("$"))
    throw new RangeError(`A salt has characters, and no $; got ${JSON.stringify(salt)}.`);
  return [ALGORITHM, iterations, salt, await hash(password, salt, iterations)].join("$");
}

/**
 * Whether a password is the one that was stored. False, never an error, for a stored text that is unusable or unknown.
 *
 * @param encoded what `User.password` holds
 * @param setter called with the password where it is right but was stored with another iteration count than today's:
 *   store it again there
 * @example
 * if (await checkPassword(attempt, user.password)) …
 */
export async function checkPassword(
  password: string | null,
  encoded: string | null,
  setter?: (password: string) => Promise<void>,
): Promise<boolean> {
  const decoded = decode(encoded);
  if (password === null) return false;
  if (decoded === null) return refuseSlowly(password);
  const correct = constantTimeCompare(await hash(password, decoded.salt, decoded.iterations), decoded.hash);
  if (correct && setter && decoded.iterations !== PBKDF2_ITERATIONS) await setter(password);
  return correct;
}

/** False for what `makePassword(null)` gives, and for null: nobody can sign in with a password there. */
export function isPasswordUsable(encoded: string | null): boolean {
  return encoded !== null && !encoded.startsWith(UNUSABLE_PREFIX);
}

async function hash(password: string, salt: string, iterations: number): Promise<string> {
  return (await derive(password, salt, iterations, DIGEST_BYTES, "sha256")).toString("base64");
}

function decode(encoded: string | null): Decoded | null {
  const [, iterations, salt = "", hash = ""] =
    /^pbkdf2_sha256\$([1-9]\d{0,9})\$([^$]+)\$([^$]+)$/.exec(encoded ?? "") ?? [];
  const count = Number(iterations);
  return count > 0 && count < 2 ** 31 ? { iterations: count, salt, hash } : null;
}

/** As long as a real check takes, so that the time does not tell which accounts have a password. */
async function refuseSlowly(password: string): Promise<false> {
  await makePassword(password);
  return false;
}
