import {
  BooleanField,
  CASCADE,
  CharField,
  DateField,
  DateTimeField,
  DecimalField,
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
  type Related,
  Reverse,
  SET_NULL,
  TextField,
  UUIDField,
} from "core-framework/db";

// Six models that refer to each other in every way there is. schema.ts says the same in plain data, for the oracle.

@model({ appLabel: "oracle", ordering: ["name"] })
export class Author extends Model {
  declare static objects: Manager<Author>;
  @CharField({ maxLength: 40 }) name!: string;
  @CharField({ maxLength: 40, null: true }) nick!: string | null;
  @IntegerField({ null: true }) score!: number | null;
  @BooleanField({ null: true }) active!: boolean | null;
  @DateField({ null: true }) bornOn!: string | null;
  @ForeignKey(() => Author, { onDelete: SET_NULL, null: true, relatedName: "students" })
  mentor!: Related<Author | null>;
  @Reverse(() => Author, "mentor") students!: ManyRelated<Author>;
  @Reverse(() => Profile, "author") profile!: Related<Profile>;
  @Reverse(() => Book, "author") books!: ManyRelated<Book>;
  @Reverse(() => Book, "editor") edited!: ManyRelated<Book>;
}

@model({ appLabel: "oracle", ordering: ["-weight", "name"] })
export class Tag extends Model {
  declare static objects: Manager<Tag>;
  @CharField({ maxLength: 40 }) name!: string;
  @IntegerField({ null: true }) weight!: number | null;
  @ForeignKey(() => Tag, { onDelete: SET_NULL, null: true, relatedName: "children" }) parent!: Related<Tag | null>;
  @Reverse(() => Tag, "parent") children!: ManyRelated<Tag>;
  @Reverse(() => Book, "tags") books!: ManyRelated<Book>;
}

@model({ appLabel: "oracle" })
export class Profile extends Model {
  declare static objects: Manager<Profile>;
  @OneToOneField(() => Author, { onDelete: CASCADE, relatedName: "profile" }) author!: Related<Author>;
  @ForeignKey(() => Tag, { onDelete: SET_NULL, null: true, relatedName: "fans" }) favourite!: Related<Tag | null>;
  @IntegerField() level!: number;
  @TextField({ null: true }) bio!: string | null;
}

@model({ appLabel: "oracle" })
export class Publisher extends Model {
  declare static objects: Manager<Publisher>;
  @CharField({ maxLength: 40 }) name!: string;
  @FloatField({ null: true }) rating!: number | null;
  @UUIDField() uid!: string;
  @OneToOneField(() => Author, { onDelete: SET_NULL, null: true, relatedName: "headed" }) head!: Related<Author | null>;
  @Reverse(() => Book, "publisher") books!: ManyRelated<Book>;
}

@model({ appLabel: "oracle" })
export class Book extends Model {
  declare static objects: Manager<Book>;
  @CharField({ maxLength: 40 }) title!: string;
  @IntegerField() pages!: number;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2, null: true }) price!: string | null;
  @FloatField({ null: true }) rating!: number | null;
  @BooleanField() printed!: boolean;
  @DateField({ null: true }) publishedOn!: string | null;
  @DateTimeField({ null: true }) soldAt!: Date | null;
  @JSONField({ null: true }) data!: unknown;
  @ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "books" }) author!: Related<Author>;
  @ForeignKey(() => Author, { onDelete: SET_NULL, null: true, relatedName: "edited" }) editor!: Related<Author | null>;
  @ForeignKey(() => Publisher, { onDelete: SET_NULL, null: true, relatedName: "books" })
  publisher!: Related<Publisher | null>;
  @ManyToManyField(() => Tag, { relatedName: "books" }) tags!: ManyRelated<Tag>;
  @Reverse(() => Review, "book") reviews!: ManyRelated<Review>;
}

@model({ appLabel: "oracle" })
export class Review extends Model {
  declare static objects: Manager<Review>;
  @ForeignKey(() => Book, { onDelete: CASCADE, relatedName: "reviews" }) book!: Related<Book>;
  @ForeignKey(() => Author, { onDelete: SET_NULL, null: true, relatedName: "reviews" })
  reviewer!: Related<Author | null>;
  @IntegerField({ null: true }) stars!: number | null;
  @TextField({ default: "" }) text!: string;
  @DateTimeField() postedAt!: Date;
}

export const models = { Author, Tag, Profile, Publisher, Book, Review } as unknown as Record<string, ModelClass>;
finalizeModels(Object.values(models));
