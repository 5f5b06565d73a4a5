import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";

/** Express's own types, under the names that tell them from REST's `Request` and `Response`. */
export type ExpressApp = Express;
export type ExpressRequest = Request;
export type ExpressResponse = Response;
export type ExpressNext = NextFunction;
export type ExpressHandler = RequestHandler;

/**
 * A new Express application, without what an API does not want: the `X-Powered-By` header, an ETag worked out from every
 * body, and nested query parsing (`?a[b]=c`), which lets a client send objects where texts are expected.
 */
export function createExpress(): ExpressApp {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  return app;
}
