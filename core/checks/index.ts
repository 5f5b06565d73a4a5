export {
  CheckMessage,
  type CheckMessageOptions,
  CriticalMessage as Critical,
  DebugMessage as Debug,
  ErrorMessage as Error,
  InfoMessage as Info,
  LEVELS,
  WarningMessage as Warning,
} from "./messages.ts";
export { type Check, type CheckContext, type CheckOptions, register, runChecks, Tags } from "./registry.ts";
