import {
  BooleanField,
  CASCADE,
  CharField,
  DateField,
  DateTimeField,
  DecimalField,
  EmailField,
  ForeignKey,
  finalizeModels,
  IntegerField,
  type Manager,
  Model,
  model,
  type Related,
} from "core-framework/db";

@model({ appLabel: "bench" })
export class Author extends Model {
  declare static objects: Manager<Author>;
  @CharField({ maxLength: 100 }) name!: string;
}

/** Nine columns, of the kinds that most tables have. */
@model({ appLabel: "bench" })
export class Book extends Model {
  declare static objects: Manager<Book>;
  @CharField({ maxLength: 200 }) title!: string;
  @EmailField() contact!: string;
  @IntegerField() pages!: number;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2 }) price!: string;
  @BooleanField() inPrint!: boolean;
  @DateField() publishedOn!: string;
  @DateTimeField() createdAt!: Date;
  @ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "+" }) author!: Related<Author>;
  declare authorId: number;
}

/** The values of the n-th book. */
export function bookValues(n: number): Omit<typeof Book.prototype, keyof Model | "author" | "id"> {
  return {
    title: `The Sea, part ${n}`,
    contact: `reader${n}@example.com`,
    pages: 100 + (n % 900),
    price: `${n % 1000}.50`,
    inPrint: n % 3 !== 0,
    publishedOn: `20${String(10 + (n % 15))}-0${1 + (n % 9)}-1${n % 10}`,
    createdAt: new Date(1_700_000_000_000 + n * 1234),
    authorId: 1 + (n % 10),
  };
}

finalizeModels([Author, Book]);
