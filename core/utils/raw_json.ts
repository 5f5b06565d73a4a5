/**
 * A piece of JSON that is text already: `stringifyJson` puts it where it stands, unread. What a database or a compiled
 * serializer wrote is not parsed only to be written again.
 */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
