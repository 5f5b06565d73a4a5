#!/usr/bin/env -S node --import ./core/register/index.mjs
import { execute } from "./core/management/index.ts";

await execute(import.meta, process.argv);
