import { currentUserDefault, fields, ModelSchema } from "core-framework";
import { User } from "core-framework/auth";
import { ValidationError } from "core-framework/rest";
import {
  AuditEvent,
  Author,
  Book,
  Category,
  Note,
  Order,
  OrderItem,
  Profile,
  Review,
  Sample,
  Shelf,
} from "./models.ts";

export class AuthorSchema extends ModelSchema(Author, {
  fields: ["id", "name", "email", "bio", "born", "isActive", "createdAt", "bookCount"],
}) {
  @fields.ReadOnlyField() bookCount!: number;

  validateName(name: string): string {
    if (/^dr\. /i.test(name)) throw new ValidationError("Do not include academic titles.");
    return name;
  }
}

export class AuthorMini extends ModelSchema(Author, { fields: ["id", "name"] }) {}

export class CategorySchema extends ModelSchema(Category, { fields: ["id", "name", "slug", "parent"] }) {
  @fields.SlugRelatedField({ slugField: "slug", queryset: () => Category, required: false, allowNull: true })
  parent!: Category | null;
}

export class CategoryMini extends ModelSchema(Category, { fields: ["id", "name", "slug"] }) {}

export class BookReadSchema extends ModelSchema(Book, {
  fields: [
    "id",
    "title",
    "isbn",
    "price",
    "pages",
    "rating",
    "status",
    "statusLabel",
    "publishedOn",
    "author",
    "categories",
    "metadata",
    "uuid",
    "createdAt",
    "updatedAt",
    "averageStars",
  ],
}) {
  @fields.SerializerMethodField() statusLabel!: string;
  @fields.Nested(() => AuthorMini) author!: AuthorMini;
  @fields.Nested(() => CategoryMini, { many: true }) categories!: CategoryMini[];
  @fields.ReadOnlyField() averageStars!: number | null;

  getStatusLabel({ status }: Book): string {
    return new Map<string, string>(Book.STATUSES).get(status) ?? status;
  }
}

export class BookWriteSchema extends ModelSchema(Book, {
  fields: [
    "id",
    "title",
    "isbn",
    "price",
    "pages",
    "rating",
    "status",
    "publishedOn",
    "author",
    "categories",
    "metadata",
    "uuid",
    "createdAt",
    "updatedAt",
  ],
}) {
  validateTitle(title: string): string {
    if (/forbidden/i.test(title)) throw new ValidationError("This title is not allowed.");
    return title;
  }
}

export class BookMini extends ModelSchema(Book, { fields: ["id", "title", "price", "status"] }) {}

class AuthorColumns extends ModelSchema(Author, {
  fields: ["id", "name", "email", "bio", "born", "isActive", "createdAt"],
}) {}

class CategoryColumns extends ModelSchema(Category, { fields: ["id", "name", "slug", "parent"] }) {}

export class CatalogSchema extends ModelSchema(Book, {
  fields: ["id", "title", "isbn", "price", "author", "categories", "publishedOn"],
}) {
  @fields.Nested(() => AuthorColumns, { readOnly: true }) author!: AuthorColumns;
  @fields.Nested(() => CategoryColumns, { many: true, readOnly: true }) categories!: CategoryColumns[];
}

export class ReviewSchema extends ModelSchema(Review, {
  fields: ["id", "book", "user", "username", "stars", "text", "createdAt"],
}) {
  @fields.HiddenField({ default: currentUserDefault }) user!: unknown;
  @fields.ReadOnlyField({ source: "user.username" }) username!: string;
}

export class AuditEventSchema extends ModelSchema(AuditEvent, {
  fields: ["id", "kind", "message", "book", "createdAt"],
}) {}

export class NoteSchema extends ModelSchema(Note, {
  fields: ["id", "owner", "title", "body", "pinned", "createdAt"],
}) {
  @fields.SlugRelatedField({ slugField: "username", readOnly: true }) owner!: User;
}

export class ShelfSchema extends ModelSchema(Shelf, { fields: ["name", "location", "curatorName"] }) {
  @fields.StringRelatedField({ source: "curator" }) curatorName!: string | null;
}

export class UserMini extends ModelSchema(User, { fields: ["id", "username"] }) {}

export class ProfileSchema extends ModelSchema(Profile, {
  fields: ["id", "user", "userId", "nickname", "website", "birthday"],
}) {
  @fields.Nested(() => UserMini, { readOnly: true }) user!: UserMini;
  @fields.PrimaryKeyRelatedField({ source: "user", queryset: () => User, writeOnly: true }) userId!: User;
}

/** The profile again: one to one by key. */
export class AccountSchema extends ModelSchema(Profile, { fields: ["id", "user", "nickname"] }) {}

export class UserSchema extends ModelSchema(User, {
  fields: ["id", "username", "email", "firstName", "lastName", "isActive", "isStaff", "dateJoined", "password"],
  readOnlyFields: ["isStaff", "dateJoined"],
  extraKwargs: { email: { required: true, allowBlank: false } },
}) {
  @fields.CharField({ writeOnly: true, minLength: 8 }) password!: string;
}

export class OrderItemSchema extends ModelSchema(OrderItem, { fields: ["id", "book", "quantity", "unitPrice"] }) {}

export class OrderSchema extends ModelSchema(Order, {
  fields: ["id", "reference", "customer", "status", "comment", "placedAt", "items", "total"],
  readOnlyFields: ["customer", "status"],
}) {
  @fields.Nested(() => OrderItemSchema, { many: true, allowEmpty: false }) items!: OrderItemSchema[];
  @fields.SerializerMethodField() total!: string;

  getTotal({ items }: { items: Iterable<OrderItem> }): string {
    const cents = [...items].map(({ unitPrice, quantity }) => Math.round(Number(unitPrice) * 100) * quantity);
    return (cents.reduce((sum, each) => sum + each, 0) / 100).toFixed(2);
  }
}

export class SampleSchema extends ModelSchema(Sample, { fields: "__all__" }) {}
