// The fields that a model gets without declaring them, and the ones that it takes from other models.
import { FieldError, ImproperlyConfigured } from "../../exceptions.ts";
import { Field } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";
import type { ModelClass } from "../models.ts";

interface Holder {
  readonly label: string;
  readonly objectName: string;
  readonly proxy: boolean;
  readonly localFields: readonly Field[];
  readonly localManyToMany: readonly Field[];
}

/** The model's own copy of a field that a class declares: an abstract parent's belongs to each child. */
export function adopted(field: Field, model: ModelClass): Field {
  const own = field.clone();
  own.model = model;
  return own;
}

function made(field: Field, name: string, model: ModelClass): Field {
  field.name = name;
  field.autoCreated = true;
  field.model = model;
  return field;
}

/** The `id` of a model that declares no key. */
export function automaticKey(model: ModelClass, kind: FieldKind): Field {
  return made(new Field(kind, { primaryKey: true, verboseName: "ID" }), "id", model);
}

/** Throws an ImproperlyConfigured for a proxy of nothing. */
export function checkProxy(model: ModelClass, parent: ModelClass | null): void {
  if (parent) return;
  throw new ImproperlyConfigured(`Proxy model '${model.name}' has no non-abstract model base class.`, {
    hint: "A proxy extends the model whose table it shares.",
  });
}

/** The column of `orderWithRespectTo`. */
export function orderField(model: ModelClass): Field {
  return made(new Field("IntegerField", { editable: false }), "_order", model);
}

/** The reference to a multi-table parent: the one that is declared so, else `placePtr`, column `place_ptr_id`. */
export function parentLinkOf(model: ModelClass, own: readonly Field[], parent: ModelClass): Field {
  const declared = own.find((field) => field.remote?.parentLink);
  if (declared) return declared;
  const primaryKey = !own.some((field) => field.primaryKey);
  const remote = { to: () => parent, onDelete: "CASCADE", parentLink: true } as const;
  return made(new Field("OneToOneField", { primaryKey }, remote), `${parent._meta.modelName}Ptr`, model);
}

/** Throws a FieldError where a model declares a field that its parent's table has already. */
export function checkClashes(own: Holder, parent: ModelClass): void {
  for (const field of [...own.localFields, ...own.localManyToMany]) {
    const clash = !own.proxy && (parent._meta.byName.get(field.name) ?? parent._meta.byName.get(field.attname));
    if (!clash || field.model === clash.model) continue;
    throw new FieldError(
      `Local field '${field.name}' in class '${own.objectName}' clashes with field of the same name from base class ` +
        `'${clash.model._meta.objectName}'.`,
      { hint: "Only the fields of abstract parents can be replaced." },
    );
  }
}
