// npm run library -- --port 4300 [--database URL]: the library on a fresh database with its fixture.
import "../../../core/register/index.mjs";

const { main } = await import("./serve.ts");
await main(process.argv.slice(2));
