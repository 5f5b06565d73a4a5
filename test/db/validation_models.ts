import { MinValueValidator } from "core-framework";
import {
  BigIntegerField,
  BinaryField,
  BooleanField,
  CASCADE,
  CharField,
  DateField,
  DateTimeField,
  DecimalField,
  type Display,
  DurationField,
  EmailField,
  FloatField,
  ForeignKey,
  finalizeModels,
  GenericIPAddressField,
  IntegerChoices,
  IntegerField,
  JSONField,
  type Manager,
  Model,
  type ModelClass,
  model,
  type NextBy,
  PositiveSmallIntegerField,
  type Related,
  SlugField,
  TextChoices,
  TextField,
  TimeField,
  URLField,
  UUIDField,
  ValidationError,
} from "core-framework/db";
import type { Duration } from "../../core/utils/duration.ts";

export const Status = TextChoices({ DRAFT: ["draft", "Draft"], IN_PRINT: "print", __empty__: "(Unknown)" });
export const Size = IntegerChoices({ SMALL: 1, VERY_LARGE: [30, "Huge"] });

@model({ appLabel: "press", verboseName: "publishing house" })
export class House extends Model {
  declare static objects: Manager<House>;
  @CharField({ maxLength: 30, unique: true }) name!: string;
  @BooleanField({ default: true }) active!: boolean;
}

@model({ appLabel: "press", uniqueTogether: [["house", "title"]] })
export class Paper extends Model {
  declare static objects: Manager<Paper>;
  @CharField({ maxLength: 10 }) title!: string;
  @SlugField({ unique: true, errorMessages: { unique: "Taken.", invalid: "Letters only." } }) slug!: string;
  @ForeignKey(() => House, { onDelete: CASCADE, limitChoicesTo: { active: true } }) house!: Related<House>;
  declare houseId: number;
  @CharField({ maxLength: 5, choices: Status, null: true, blank: true }) status!: "draft" | "print" | null;
  declare getStatusDisplay: Display<null>;
  @IntegerField({ choices: Size, default: Size.SMALL }) size!: number;
  declare getSizeDisplay: Display;
  @DecimalField({ maxDigits: 6, decimalPlaces: 2, default: "1.00", validators: [new MinValueValidator("0.01")] })
  price!: string;
  @DateField({ default: "2026-01-31" }) day!: string;
  declare getNextByDay: NextBy<Paper>;
  declare getPreviousByDay: NextBy<Paper>;
  @CharField({ maxLength: 10, blank: true, uniqueForDate: "day", uniqueForMonth: "day" }) headline!: string;
  @IntegerField({ default: 1, uniqueForYear: "day" }) issue!: number;
  @DateTimeField({ autoNowAdd: true }) createdAt!: Date;

  override clean() {
    if (this.title === this.headline) throw new ValidationError("Title and headline are the same.");
    if (this.title === "bad") throw new ValidationError({ title: new ValidationError("Bad.", { code: "bad" }) });
  }
}

/** A field of each kind, none of which may be empty. */
@model({ appLabel: "press" })
export class Everything extends Model {
  declare static objects: Manager<Everything>;
  @BigIntegerField() big!: bigint;
  @BinaryField({ editable: true, maxLength: 3 }) binary!: Uint8Array;
  @BooleanField() flag!: boolean;
  @BooleanField({ null: true }) tri!: boolean | null;
  @CharField({ maxLength: 3 }) char!: string;
  @DateField() date!: string;
  @DateTimeField() moment!: Date;
  @DecimalField({ maxDigits: 4, decimalPlaces: 2 }) decimal!: string;
  @DurationField() span!: Duration;
  @EmailField() email!: string;
  @FloatField() float!: number;
  @GenericIPAddressField({ unpackIpv4: true }) ip!: string;
  @GenericIPAddressField({ protocol: "IPv4" }) ip4!: string;
  @IntegerField() integer!: number;
  @JSONField() json!: unknown;
  @PositiveSmallIntegerField() positive!: number;
  @SlugField() slug!: string;
  @SlugField({ allowUnicode: true }) unicodeSlug!: string;
  @TextField() text!: string;
  @TimeField() time!: string;
  @URLField() url!: string;
  @UUIDField() uuid!: string;
}

@model({ appLabel: "press", uniqueTogether: [["city", "street"]] })
export class Place extends Model {
  declare static objects: Manager<Place>;
  @CharField({ maxLength: 9, unique: true }) name!: string;
  @CharField({ maxLength: 9 }) city!: string;
  @CharField({ maxLength: 9 }) street!: string;
}

@model({ appLabel: "press", uniqueTogether: [["name2", "stars"]] })
export class Kiosk extends Place {
  declare static objects: Manager<Kiosk>;
  @CharField({ maxLength: 9 }) name2!: string;
  @IntegerField({ unique: true }) stars!: number;
}

export const models = [House, Paper, Everything, Place, Kiosk] as unknown as ModelClass[];
finalizeModels(models);
