import type { ServerResponse } from "node:http";

/** The stock page of Django for a URL that no route has, to the letter: clients of an API that moved may compare it. */
const notFoundPage = `
<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
`;

/** @param charset Named in the `Content-Type` since Django 4; earlier versions named none. */
export function sendNotFound(response: ServerResponse, charset: string | null = "utf-8"): void {
  response.statusCode = 404;
  response.setHeader("Content-Type", charset === null ? "text/html" : `text/html; charset=${charset}`);
  response.setHeader("Content-Length", Buffer.byteLength(notFoundPage));
  response.end(notFoundPage);
}

/** An answer in JSON from outside any view. */
export function sendJson(response: ServerResponse, status: number, data: unknown): void {
  const text = JSON.stringify(data);
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}
