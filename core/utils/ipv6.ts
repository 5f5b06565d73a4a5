// Python's ipaddress and django.utils.ipv6: addresses as text, checked and shortened.

const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const hextet = /^[0-9a-f]{1,4}$/i;
/** `%eth0`: part of the address for the machine that wrote it, for nobody else, so it is dropped. */
const zone = /%[^%]+$/;
/** Eight hextets of four digits and seven colons; what is longer is not looked at. */
const longestAddress = 39;

/** Whether the text is an IPv4 address of four decimal numbers without leading zeros. */
export function isIPv4(text: string): boolean {
  return ipv4.test(text);
}

/** The eight numbers of an IPv6 address, or null. */
function hextets(text: string): number[] | null {
  const parts = splitMapped(text);
  if (!parts) return null;
  const gap = parts.indexOf("", 1);
  const hasGap = gap > 0 && gap < parts.length - 1;
  if (!hasGap) return parts.length === 8 && parts.every((part) => hextet.test(part)) ? parts.map(hex) : null;
  const [head, tail] = [parts.slice(0, gap), parts.slice(gap + 1)];
  // A leading or trailing "::" leaves one more empty part behind.
  if (head.length === 1 && head[0] === "") head.pop();
  if (tail.length === 1 && tail[0] === "") tail.pop();
  const missing = 8 - head.length - tail.length;
  if (missing < 1 || ![...head, ...tail].every((part) => hextet.test(part))) return null;
  return [...head.map(hex), ...new Array<number>(missing).fill(0), ...tail.map(hex)];
}

function hex(part: string): number {
  return Number.parseInt(part, 16);
}

/** The parts between colons, a dotted IPv4 address at the end being two of them. */
function splitMapped(text: string): string[] | null {
  const parts = text.split(":");
  if (parts.length < 3 || parts.length > 9) return null;
  const last = parts[parts.length - 1] as string;
  if (!last.includes(".")) return parts;
  if (!isIPv4(last)) return null;
  const [a, b, c, d] = last.split(".").map(Number) as [number, number, number, number];
  return [...parts.slice(0, -1), (a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

/** The longest run of zeros becomes "::", the first of several; one zero alone stays. */
function compress(numbers: number[]): string {
  const parts = numbers.map((number) => number.toString(16));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && numbers[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length === 1) return parts.join(":");
  return `${parts.slice(0, best.start).join(":")}::${parts.slice(best.start + best.length).join(":")}`;
}

function mappedIPv4(numbers: number[]): string | null {
  if (numbers.slice(0, 5).some((number) => number !== 0) || numbers[5] !== 0xffff) return null;
  const [high, low] = numbers.slice(6) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/**
 * Shortens an IPv6 address as Django does; a mapped IPv4 address is shown as such.
 *
 * @param unpackIPv4 whether a mapped IPv4 address becomes plain IPv4.
 * @returns null if the text is not an IPv6 address.
 * @example
 * cleanIPv6("2001:0DB8:0000::1"); // "2001:db8::1"
 */
export function cleanIPv6(text: string, unpackIPv4 = false): string | null {
  const numbers = text.length > longestAddress ? null : hextets(text.replace(zone, ""));
  if (!numbers) return null;
  const mapped = mappedIPv4(numbers);
  if (mapped) return unpackIPv4 ? mapped : `::ffff:${mapped}`;
  return compress(numbers);
}

/** Whether the text is an IPv6 address, without a zone. */
export function isIPv6(text: string): boolean {
  return cleanIPv6(text) !== null;
}
