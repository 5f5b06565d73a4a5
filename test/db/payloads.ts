/** Stands in every payload, so that it can be looked for in SQL. */
export const mark = "pwned";

// What breaks out of a name, a string, a list, a LIKE or a comment in one database or another, what a driver takes for a
// placeholder, and what JavaScript takes for something that it is not.
const parts = [
  `"; DROP TABLE library_book; --${mark}`,
  `'; DROP TABLE library_book; --${mark}`,
  `; DELETE FROM library_author --${mark}`,
  `" OR 1=1 --${mark}`,
  `' OR '1'='1${mark}`,
  `") OR ("${mark}"="${mark}`,
  `') OR ('${mark}'='${mark}`,
  `" UNION SELECT name FROM sqlite_master --${mark}`,
  `' UNION SELECT usename FROM pg_user --${mark}`,
  `id; SELECT pg_sleep(5) --${mark}`,
  `(SELECT pg_sleep(5))${mark}`,
  `id" ASC, (SELECT 1) --${mark}`,
  `id ASC ${mark}`,
  `id DESC NULLS FIRST, ${mark}`,
  `CASE WHEN 1=1 THEN id ELSE title END ${mark}`,
  `"library_book"."id" ${mark}`,
  `library_book.id ${mark}`,
  `id, title, ${mark}`,
  `id/**/${mark}`,
  `id--${mark}`,
  `id#${mark}`,
  `*${mark}`,
  `count(*)${mark}`,
  `${mark}"`,
  `"${mark}"`,
  `""${mark}""`,
  `'${mark}'`,
  `\`${mark}\``,
  `[${mark}]`,
  `${mark}\\`,
  `${mark}\\"`,
  `${mark}\n--`,
  `${mark}\u0000`,
  `${mark}\u2019`,
  `${mark}\uff02`,
  `${mark}%s`,
  `${mark}%(x)s`,
  `$1${mark}`,
  `?${mark}`,
  `:${mark}`,
  `@${mark}`,
  `{${mark}}`,
  `\${${mark}}`,
  `->>'${mark}'`,
  `::int ${mark}`,
  `COLLATE "${mark}"`,
  `) -- ${mark}`,
  `/* ${mark}`,
  `|| ${mark}`,
  `= ${mark}`,
];

const forms: ((part: string) => string)[] = [
  (part) => part,
  (part) => `id${part}`,
  (part) => `title__${part}`,
  (part) => `${part}__exact`,
  (part) => `author__${part}`,
  (part) => `-${part}`,
  (part) => `pk ${part}`,
  (part) => part.toUpperCase().replaceAll(mark.toUpperCase(), mark),
];

/** 400 names that are none. */
export const payloads: readonly string[] = parts.flatMap((part) => forms.map((form) => form(part)));

/** The same as values, each once: what stands around a name does not matter to them. */
export const values: readonly string[] = parts.filter((part) => !part.includes("\0"));

/** Names that every object of JavaScript seems to have. */
export const inheritedNames = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
