import {
  BigIntegerField,
  BooleanField,
  CASCADE,
  CharField,
  DateField,
  DateTimeField,
  DecimalField,
  type Duration,
  DurationField,
  EmailField,
  FloatField,
  ForeignKey,
  GenericIPAddressField,
  IntegerField,
  JSONField,
  type Manager,
  type ManyRelated,
  ManyToManyField,
  MaxValueValidator,
  MinLengthValidator,
  MinValueValidator,
  Model,
  model,
  OneToOneField,
  RegexValidator,
  type Related,
  Reverse,
  SET_NULL,
  SlugField,
  TextField,
  TimeField,
  URLField,
  UUIDField,
  uuid4,
} from "core-framework";
import { User } from "core-framework/auth";

@model({ ordering: ["id"] })
export class Author extends Model {
  declare static objects: Manager<Author>;

  @CharField({ maxLength: 100 }) name!: string;
  @EmailField({ unique: true }) email!: string;
  @TextField({ blank: true }) bio!: string;
  @DateField({ null: true, blank: true }) born!: string | null;
  @BooleanField({ default: true }) isActive!: boolean;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
  @Reverse(() => Book, "author") books!: ManyRelated<Book>;

  override toString(): string {
    return this.name;
  }
}

@model({ ordering: ["id"], verboseNamePlural: "categories" })
export class Category extends Model {
  declare static objects: Manager<Category>;

  @CharField({ maxLength: 80, unique: true }) name!: string;
  @SlugField({ unique: true }) slug!: string;
  @ForeignKey(() => Category, { null: true, blank: true, onDelete: SET_NULL, relatedName: "children" })
  parent!: Related<Category | null>;
  declare parentId: number | null;
  @Reverse(() => Category, "parent") children!: ManyRelated<Category>;
}

@model({ ordering: ["id"], uniqueTogether: [["author", "title"]] })
export class Book extends Model {
  declare static objects: Manager<Book>;
  static readonly STATUSES = [
    ["draft", "Draft"],
    ["published", "Published"],
    ["archived", "Archived"],
  ] as const;

  @CharField({ maxLength: 200 }) title!: string;
  @CharField({
    maxLength: 13,
    unique: true,
    validators: [new RegexValidator(/^[0-9]{13}$/, { message: "ISBN must be exactly 13 digits." })],
  })
  isbn!: string;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2, validators: [new MinValueValidator(0)] }) price!: string;
  @IntegerField({ validators: [new MinValueValidator(1), new MaxValueValidator(100_000)] }) pages!: number;
  @FloatField({ null: true, blank: true, validators: [new MinValueValidator(0), new MaxValueValidator(5)] })
  rating!: number | null;
  @CharField({ maxLength: 10, choices: Book.STATUSES, default: "draft" }) status!: string;
  @DateField({ null: true, blank: true }) publishedOn!: string | null;
  @ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "books" }) author!: Related<Author>;
  declare authorId: number;
  @ManyToManyField(() => Category, { blank: true, relatedName: "books" }) categories!: ManyRelated<Category>;
  @JSONField({ default: {}, blank: true }) metadata!: unknown;
  @UUIDField({ default: uuid4 }) uuid!: string;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
  @DateTimeField({ autoNow: true }) updatedAt!: Date;
  @Reverse(() => Review, "book") reviews!: ManyRelated<Review>;
}

@model({ ordering: ["id"], uniqueTogether: [["book", "user"]] })
export class Review extends Model {
  declare static objects: Manager<Review>;

  @ForeignKey(() => Book, { onDelete: CASCADE, relatedName: "reviews" }) book!: Related<Book>;
  declare bookId: number;
  @ForeignKey(() => User, { onDelete: CASCADE, relatedName: "reviews" }) user!: Related<User>;
  declare userId: number;
  @IntegerField({ validators: [new MinValueValidator(1), new MaxValueValidator(5)] }) stars!: number;
  @TextField({ blank: true }) text!: string;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
}

@model({ ordering: ["id"] })
export class AuditEvent extends Model {
  declare static objects: Manager<AuditEvent>;
  static readonly KINDS = [
    ["created", "Created"],
    ["updated", "Updated"],
    ["deleted", "Deleted"],
  ] as const;

  @CharField({ maxLength: 10, choices: AuditEvent.KINDS }) kind!: string;
  @CharField({ maxLength: 200 }) message!: string;
  @ForeignKey(() => Book, { null: true, blank: true, onDelete: SET_NULL, relatedName: "events" })
  book!: Related<Book | null>;
  declare bookId: number | null;
  @DateTimeField() createdAt!: Date;
}

@model({ ordering: ["id"] })
export class Note extends Model {
  declare static objects: Manager<Note>;

  @ForeignKey(() => User, { onDelete: CASCADE, relatedName: "notes" }) owner!: Related<User>;
  declare ownerId: number;
  @CharField({ maxLength: 60 }) title!: string;
  @TextField({ blank: true, default: "" }) body!: string;
  @BooleanField({ default: false }) pinned!: boolean;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;
}

@model({ ordering: ["id"], verboseNamePlural: "shelves" })
export class Shelf extends Model {
  declare static objects: Manager<Shelf>;

  @CharField({ maxLength: 50, unique: true }) name!: string;
  @CharField({ maxLength: 100, blank: true, default: "" }) location!: string;
  @ForeignKey(() => Author, { null: true, blank: true, onDelete: SET_NULL, relatedName: "shelves" })
  curator!: Related<Author | null>;
  declare curatorId: number | null;
  @ManyToManyField(() => Book, { blank: true, relatedName: "shelves" }) books!: ManyRelated<Book>;
}

@model({ ordering: ["id"] })
export class Profile extends Model {
  declare static objects: Manager<Profile>;

  @OneToOneField(() => User, { onDelete: CASCADE, relatedName: "profile" }) user!: Related<User>;
  declare userId: number;
  @CharField({ maxLength: 30 }) nickname!: string;
  @URLField({ blank: true }) website!: string;
  @DateField({ null: true, blank: true }) birthday!: string | null;
}

@model({ ordering: ["id"] })
export class Order extends Model {
  declare static objects: Manager<Order>;
  static readonly STATUSES = [
    ["pending", "Pending"],
    ["paid", "Paid"],
    ["cancelled", "Cancelled"],
  ] as const;

  @CharField({ maxLength: 20, unique: true }) reference!: string;
  @ForeignKey(() => User, { onDelete: CASCADE, relatedName: "orders" }) customer!: Related<User>;
  declare customerId: number;
  @CharField({ maxLength: 10, choices: Order.STATUSES, default: "pending" }) status!: string;
  @CharField({ maxLength: 100, null: true, blank: true }) comment!: string | null;
  @DateTimeField({ autoNowAdd: true }) placedAt!: Date;
  @Reverse(() => OrderItem, "order") items!: ManyRelated<OrderItem>;
}

@model({ ordering: ["id"] })
export class OrderItem extends Model {
  declare static objects: Manager<OrderItem>;

  @ForeignKey(() => Order, { onDelete: CASCADE, relatedName: "items" }) order!: Related<Order>;
  declare orderId: number;
  @ForeignKey(() => Book, { onDelete: CASCADE, relatedName: "orderItems" }) book!: Related<Book>;
  declare bookId: number;
  @IntegerField({ default: 1, validators: [new MinValueValidator(1), new MaxValueValidator(99)] }) quantity!: number;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2, validators: [new MinValueValidator("0.01")] }) unitPrice!: string;
}

/** One column of every type. */
@model({ ordering: ["id"] })
export class Sample extends Model {
  declare static objects: Manager<Sample>;
  static readonly COLORS = [
    ["red", "Red"],
    ["green", "Green"],
    ["blue", "Blue"],
  ] as const;
  static readonly LEVELS = [
    [1, "Low"],
    [2, "Middle"],
    [3, "High"],
  ] as const;

  @CharField({ maxLength: 40, verboseName: "Display label", helpText: "Shown to people." }) label!: string;
  @CharField({ maxLength: 8, blank: true, default: "", validators: [new MinLengthValidator(3)] }) code!: string;
  @TextField({ null: true, blank: true }) description!: string | null;
  @IntegerField({ default: 0, validators: [new MinValueValidator(-1000), new MaxValueValidator(1000)] }) count!: number;
  @BigIntegerField({ null: true, blank: true }) big!: bigint | null;
  @FloatField({ default: 0 }) ratio!: number;
  @DecimalField({ maxDigits: 10, decimalPlaces: 4, null: true, blank: true }) amount!: string | null;
  @BooleanField({ default: false }) flag!: boolean;
  @BooleanField({ null: true, blank: true }) tri!: boolean | null;
  @DateField({ null: true, blank: true }) day!: string | null;
  @TimeField({ null: true, blank: true }) clock!: string | null;
  @DateTimeField({ null: true, blank: true }) moment!: Date | null;
  @DurationField({ null: true, blank: true }) span!: Duration | null;
  @EmailField({ blank: true, default: "" }) email!: string;
  @URLField({ blank: true, default: "" }) site!: string;
  @SlugField({ blank: true, default: "" }) slug!: string;
  @GenericIPAddressField({ null: true, blank: true }) ip!: string | null;
  @UUIDField({ null: true, blank: true }) uid!: string | null;
  @JSONField({ null: true, blank: true }) data!: unknown;
  @CharField({ maxLength: 5, null: true, blank: true, choices: Sample.COLORS }) color!: string | null;
  @IntegerField({ default: 1, choices: Sample.LEVELS }) level!: number;
}
