// Compiled, never run: names in options that a model has no field of are compile errors.

import { ContentType, GenericForeignKey, GenericRelation } from "core-framework/contenttypes";
import type { BaseModel } from "core-framework/db";
import {
  CASCADE,
  CharField,
  ForeignKey,
  IntegerField,
  type Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  model,
  type Related,
} from "core-framework/db";

@model({ getLatestBy: "-name", uniqueTogether: ["name", "size"], ordering: ["name", "-size"] })
export class Fitting extends Model {
  declare static objects: Manager<Fitting>;
  @CharField({ maxLength: 9 }) name!: string;
  @IntegerField() size!: number;
  @ForeignKey(() => Fitting, { onDelete: CASCADE }) owner!: Related<Fitting>;
  @ManyToManyField("self") friends!: ManyRelated<Fitting>;
}

@model({ orderWithRespectTo: "owner" })
export class Child extends Fitting {
  declare static objects: Manager<Child>;
  @IntegerField() depth!: number;
}

export async function inheritedFields(): Promise<Child[]> {
  await Child.objects.filter({ owner__name: "x", depth__gt: 1, size: 2 }).update({ name: "y", depth: 3 });
  // @ts-expect-error neither the model nor its parent has such a field
  Child.objects.filter({ breadth: 1 });
  return Child.objects.filter({ friends__size: 2 });
}

export async function relatedManagers(child: Child, other: Fitting): Promise<void> {
  await child.friends.add(other, 7, { throughDefaults: { since: 1 } });
  await child.friends.set([other], { clear: true });
  // @ts-expect-error a number of the wrong kind of option
  await child.friends.add(other, { throughDefault: {} });
}

// @ts-expect-error there is no field "length"
@model({ getLatestBy: "length" })
export class WrongLatest extends Model {
  declare static objects: Manager<WrongLatest>;
  @IntegerField() size!: number;
}

// @ts-expect-error there is no field "parent"
@model({ orderWithRespectTo: "parent" })
export class WrongOrder extends Model {
  declare static objects: Manager<WrongOrder>;
  @IntegerField() size!: number;
}

@model()
export class Tag extends Model {
  declare static objects: Manager<Tag>;
  @ForeignKey(() => ContentType, { onDelete: CASCADE }) contentType!: Related<ContentType>;
  @IntegerField() objectId!: number;
  @GenericForeignKey() item!: Related<BaseModel | null>;
}

@model()
export class Tagged extends Model {
  declare static objects: Manager<Tagged>;
  @GenericRelation(() => Tag) tags!: ManyRelated<Tag>;
  // @ts-expect-error the rows are tags
  @GenericRelation(() => Tag) wrong!: ManyRelated<Fitting>;
}

export const byTag = () => Tagged.objects.filter({ tags__objectId: 7 });
