/** `application/json` of `Application/JSON; charset=utf-8`. */
export function mediaTypeOf(header: string): string {
  const end = header.indexOf(";");
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
}
