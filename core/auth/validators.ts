import { RegexValidator } from "../utils/validators/text.ts";

/** `django.contrib.auth.validators.UnicodeUsernameValidator`: letters and digits of any script, and `@.+-_`. */
export const usernameValidator = new RegexValidator(/^[\p{L}\p{N}_.@+-]+$/u, {
  message: "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
});
