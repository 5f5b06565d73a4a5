import type { ExpressHandler } from "../http/express.ts";

/** The headers that Django's SecurityMiddleware and XFrameOptionsMiddleware put on every answer. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "X-Frame-Options": "DENY",
};

const pairs = Object.entries(securityHeaders);

/** Puts them there, before anything else can answer. */
export const security: ExpressHandler = (_request, response, next) => {
  for (const [name, value] of pairs) response.setHeader(name, value);
  next();
};
