import {
  BaseModel,
  BigIntegerField,
  BinaryField,
  BooleanField,
  CASCADE,
  CharField,
  DateField,
  DateTimeField,
  DecimalField,
  DurationField,
  FloatField,
  ForeignKey,
  finalizeModels,
  IntegerField,
  JSONField,
  type Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  model,
  OneToOneField,
  PROTECT,
  RESTRICT,
  type Related,
  Reverse,
  SET_NULL,
  SlugField,
  TextField,
  TimeField,
  UUIDField,
  uuid4,
} from "core-framework/db";
import type { Duration } from "../../core/utils/duration.ts";

@model({ appLabel: "library", ordering: ["name"] })
export class Author extends Model {
  declare static objects: Manager<Author>;
  @CharField({ maxLength: 100 }) name!: string;
  @CharField({ maxLength: 254, unique: true, null: true }) email!: string | null;
  @DateField({ null: true }) bornOn!: string | null;
  @ForeignKey(() => Author, { onDelete: SET_NULL, null: true, relatedName: "students" })
  mentor!: Related<Author | null>;
  declare mentorId: number | null;
  @Reverse(() => Book, "author") books!: ManyRelated<Book>;
  @Reverse(() => Author, "mentor") students!: ManyRelated<Author>;
  @Reverse(() => Profile, "author") profile!: Related<Profile>;

  override toString(): string {
    return this.name;
  }
}

@model({ appLabel: "library" })
export class Category extends Model {
  declare static objects: Manager<Category>;
  @CharField({ maxLength: 80, unique: true }) name!: string;
  @Reverse(() => Book, "categories") books!: ManyRelated<Book>;
}

@model({ appLabel: "library", uniqueTogether: [["author", "title"]] })
export class Book extends Model {
  declare static objects: Manager<Book>;
  @CharField({ maxLength: 200 }) title!: string;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2, default: "0.00" }) price!: string;
  @IntegerField({ default: 0 }) pages!: number;
  @FloatField({ null: true }) rating!: number | null;
  @CharField({ maxLength: 10, default: "draft" }) status!: string;
  @DateField({ null: true }) publishedOn!: string | null;
  @ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "books" }) author!: Related<Author>;
  declare authorId: number;
  @ManyToManyField(() => Category, { relatedName: "books" }) categories!: ManyRelated<Category>;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
  @DateTimeField({ autoNow: true }) updatedAt!: Date;
  @Reverse(() => Review, "book") reviews!: ManyRelated<Review>;
}

@model({ appLabel: "library" })
export class Review extends Model {
  declare static objects: Manager<Review>;
  @ForeignKey(() => Book, { onDelete: CASCADE, relatedName: "reviews" }) book!: Related<Book>;
  declare bookId: number;
  @IntegerField() stars!: number;
  @TextField({ default: "" }) text!: string;
}

@model({ appLabel: "library" })
export class Profile extends Model {
  declare static objects: Manager<Profile>;
  @OneToOneField(() => Author, { onDelete: CASCADE, relatedName: "profile" }) author!: Related<Author>;
  declare authorId: number;
  @CharField({ maxLength: 30 }) nickname!: string;
}

@model({ appLabel: "library" })
export class Loan extends Model {
  declare static objects: Manager<Loan>;
  @ForeignKey(() => Book, { onDelete: PROTECT, relatedName: "loans" }) book!: Related<Book>;
  declare bookId: number;
}

@model({ appLabel: "library" })
export class Award extends Model {
  declare static objects: Manager<Award>;
  @ForeignKey(() => Book, { onDelete: RESTRICT, relatedName: "awards", null: true }) book!: Related<Book | null>;
  declare bookId: number | null;
  @ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "awards", null: true }) author!: Related<Author | null>;
  declare authorId: number | null;
}

@model({ appLabel: "library" })
export class Sample extends Model {
  declare static objects: Manager<Sample>;
  @CharField({ maxLength: 40, default: "" }) label!: string;
  @TextField({ null: true }) description!: string | null;
  @IntegerField({ default: 0 }) count!: number;
  @BigIntegerField({ null: true }) big!: bigint | null;
  @FloatField({ default: 0 }) ratio!: number;
  @DecimalField({ maxDigits: 12, decimalPlaces: 4, null: true }) amount!: string | null;
  @BooleanField({ default: false }) flag!: boolean;
  @BooleanField({ null: true }) tri!: boolean | null;
  @DateField({ null: true }) day!: string | null;
  @TimeField({ null: true }) clock!: string | null;
  @DateTimeField({ null: true }) moment!: Date | null;
  @DurationField({ null: true }) span!: Duration | null;
  @SlugField({ default: "" }) slug!: string;
  @UUIDField({ default: uuid4 }) uid!: string;
  @JSONField({ null: true }) data!: unknown;
  @BinaryField({ null: true }) blob!: Uint8Array | null;
}

@model({ appLabel: "library" })
export class Country extends BaseModel {
  declare static objects: Manager<Country>;
  @CharField({ maxLength: 2, primaryKey: true }) code!: string;
  @CharField({ maxLength: 50 }) name!: string;
}

export const models = [
  Author,
  Category,
  Book,
  Review,
  Profile,
  Loan,
  Award,
  Sample,
  Country,
] as unknown as ModelClass[];
finalizeModels(models);
