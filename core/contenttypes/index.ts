export { ContentType } from "./models.ts";
