#!/usr/bin/env node
/**
 * The command line. In a checkout it runs the sources, in a published package their compiled form; which commands there
 * are, and where the project is, is found out by `core/management/utility.ts`.
 */
import { existsSync } from "node:fs";

const isCheckout = existsSync(new URL("../core/index.ts", import.meta.url));
// The sources need the hooks at once. Compiled code registers them itself, before it imports a project's first file.
if (isCheckout) await import("../core/register/index.mjs");
const utility = isCheckout ? "../core/management/utility.ts" : "../dist/management/utility.js";
const { executeFromCommandLine } = await import(utility);
process.exitCode = await executeFromCommandLine(process.argv);
