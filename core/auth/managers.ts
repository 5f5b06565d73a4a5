// Managers that find users, groups and permissions by their natural keys, as Django's do: fixtures name them so.
import { ContentType } from "../contenttypes/models.ts";
import { Manager } from "../db/manager.ts";
import type { BaseModel } from "../db/models.ts";
import type { Group, Permission } from "./models.ts";

/** The manager of a user model: `static override objects = new UserManager<Member>()`. */
export class UserManager<U extends BaseModel> extends Manager<U> {
  /** The user who signs in with that name. */
  getByNaturalKey(username: string): Promise<U> {
    const { USERNAME_FIELD } = this.model as unknown as { USERNAME_FIELD: string };
    return this.where(USERNAME_FIELD, username).get();
  }
}

/** The manager of groups. */
export class GroupManager extends Manager<Group> {
  getByNaturalKey(name: string): Promise<Group> {
    return this.get({ name });
  }
}

/** The manager of permissions. */
export class PermissionManager extends Manager<Permission> {
  /** @example Permission.objects.getByNaturalKey("add_book", "library", "book") */
  async getByNaturalKey(codename: string, appLabel: string, model: string): Promise<Permission> {
    const { db } = this.getQueryset().queryState;
    const contentType = await ContentType.objects.using(db).get({ appLabel, model });
    return this.get({ codename, contentType });
  }
}
