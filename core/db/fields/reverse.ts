import { declareReverse } from "../meta/model_state.ts";
import type { BaseModel, ManyRelated, ModelClass } from "../models.ts";

interface PropertyMustBe<T> {
  "the property's type must be": T;
}

type IsReverse<P, M extends BaseModel> = [P] extends [ManyRelated<M>]
  ? unknown
  : [P] extends [M | null | Promise<M | null>]
    ? unknown
    : PropertyMustBe<ManyRelated<M>>;

/**
 * Writes down the way back of another model's relation, so that TypeScript knows it. It makes nothing: the property is
 * there because of the other model's field, and its name is checked against that field when the project starts.
 *
 * @param to the model that has the field, in a function, so that files may import each other.
 * @param fieldName the field's name there.
 * @example
 * class Author extends Model {
 *   @Reverse(() => Book, "author") books!: ManyRelated<Book>;      // relatedName: "books"
 *   @Reverse(() => Profile, "user") profile!: Related<Profile>;    // of a OneToOneField
 * }
 */
export function Reverse<M extends BaseModel>(to: () => ModelClass<M>, fieldName: string) {
  return <C extends object, K extends keyof C & string>(target: C, name: K & IsReverse<C[K], M>): void => {
    declareReverse(target, name as string, { to: to as unknown as () => ModelClass, fieldName });
  };
}
