import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import * as core from "../../core/exceptions.ts";
import {
  APIException,
  AuthenticationFailed,
  ErrorDetail,
  exceptionHandler,
  Http404,
  MethodNotAllowed,
  NotAcceptable,
  NotAuthenticated,
  NotFound,
  ParseError,
  PermissionDenied,
  Throttled,
  UnsupportedMediaType,
  ValidationError,
} from "../../core/rest/exceptions.ts";
import * as status from "../../core/rest/status.ts";
import { stringifyJson } from "../../core/utils/json.ts";

afterEach(resetSettings);

function answer(error: unknown): [number, string] | null {
  const response = exceptionHandler(error, {});
  return response && [response.status, stringifyJson(response.data)];
}

class Teapot extends APIException {
  static override status = 418;
  static override defaultDetail = "I am a teapot.";
  static override defaultCode = "teapot";
}

test("every error of the family has DRF's status and text", () => {
  const family: [APIException, number, string][] = [
    [new APIException(), 500, "A server error occurred."],
    [new ParseError(), 400, "Malformed request."],
    [new ParseError("Broken on purpose."), 400, "Broken on purpose."],
    [new AuthenticationFailed(), 401, "Incorrect authentication credentials."],
    [new NotAuthenticated(), 401, "Authentication credentials were not provided."],
    [new PermissionDenied(), 403, "You do not have permission to perform this action."],
    [new NotFound(), 404, "Not found."],
    [new MethodNotAllowed("PUT"), 405, 'Method "PUT" not allowed.'],
    [new MethodNotAllowed("$&"), 405, 'Method "$&" not allowed.'],
    [new NotAcceptable(), 406, "Could not satisfy the request Accept header."],
    [new UnsupportedMediaType("application/x-odd"), 415, 'Unsupported media type "application/x-odd" in request.'],
    [new Throttled(), 429, "Request was throttled."],
    [new Teapot(), 418, "I am a teapot."],
  ];
  for (const [error, code, detail] of family) assert.deepEqual(answer(error), [code, stringifyJson({ detail })]);
});

test("values inside a detail become text as Python writes it", () => {
  const detail = { code: 7, reason: "short and stout", nested: [null, true, 1.5, { x: [] }] };
  assert.deepEqual(answer(new Teapot(detail)), [
    418,
    '{"code":"7","reason":"short and stout","nested":["None","True","1.5",{"x":[]}]}',
  ]);
});

test("a validation error is a list, or by field as it was given", () => {
  assert.deepEqual(answer(new ValidationError("Just wrong.")), [400, '["Just wrong."]']);
  assert.deepEqual(answer(new ValidationError(["One.", "Two."])), [400, '["One.","Two."]']);
  const deep = { outer: { inner: ["Deep."] }, rows: [{}, { x: ["Bad."] }], field: "One." };
  assert.deepEqual(answer(new ValidationError(deep)), [400, stringifyJson(deep)]);
  const poisoned = new ValidationError(JSON.parse('{"__proto__": ["x"]}'));
  assert.deepEqual(answer(poisoned), [400, '{"__proto__":["x"]}']);
});

test("codes and full details keep the shape of the detail", () => {
  const error = new ValidationError({ name: ["Required.", new ErrorDetail("Taken.", "unique")] }, "required");
  assert.deepEqual(error.getCodes(), { name: ["required", "unique"] });
  assert.deepEqual(error.getFullDetails(), {
    name: [
      { message: "Required.", code: "required" },
      { message: "Taken.", code: "unique" },
    ],
  });
  assert.equal(new NotFound("No such thing.").message, "No such thing.");
});

test("a throttled client is told when to come back, in whole seconds", () => {
  assert.deepEqual(exceptionHandler(new Throttled(29.2), {})?.headers, { "Retry-After": "30" });
  assert.deepEqual(answer(new Throttled(30)), [
    429,
    '{"detail":"Request was throttled. Expected available in 30 seconds."}',
  ]);
  assert.deepEqual(answer(new Throttled(0.4)), [
    429,
    '{"detail":"Request was throttled. Expected available in 1 second."}',
  ]);
  assert.deepEqual(exceptionHandler(new Throttled(), {})?.headers, {});
});

test("plain 404s and refusals speak for themselves, and stay silent as they did in DRF 3.14", () => {
  assert.deepEqual(answer(new Http404("No Author matches.")), [404, '{"detail":"No Author matches."}']);
  assert.deepEqual(answer(new Http404()), [404, '{"detail":"Not found."}']);
  assert.deepEqual(answer(new core.PermissionDenied("Go away.")), [403, '{"detail":"Go away."}']);
  assert.deepEqual(answer(new core.ObjectDoesNotExist("Book matching query does not exist.")), [
    404,
    '{"detail":"Not found."}',
  ]);
  configureSettings({ SECRET_KEY: "x".repeat(50), REST_FRAMEWORK: { COMPATIBILITY: "3.14" } });
  assert.deepEqual(answer(new Http404("No Author matches.")), [404, '{"detail":"Not found."}']);
  assert.deepEqual(answer(new core.PermissionDenied("Go away.")), [
    403,
    '{"detail":"You do not have permission to perform this action."}',
  ]);
});

test("errors of the layers below are answered without repeating what the database said", () => {
  const secret = 'duplicate key value violates unique constraint "auth_user_email_key"';
  for (const [error, code] of [
    [new core.IntegrityError(secret), 409],
    [new core.ProtectedError(secret), 409],
    [new core.DataError(secret), 400],
    [new core.SuspiciousOperation(secret), 400],
  ] as const) {
    const [given, body] = answer(error) as [number, string];
    assert.equal(given, code);
    assert.ok(!body.includes("auth_user"), body);
  }
  const model = new core.ValidationError({ title: "Too long.", __all__: ["Odd."] });
  assert.deepEqual(answer(model), [400, '{"title":["Too long."],"non_field_errors":["Odd."]}']);
  assert.deepEqual(answer(new core.ValidationError("Odd.")), [400, '["Odd."]']);
});

test("nobody's error is nobody's answer", () => {
  assert.equal(exceptionHandler(new Error("oops"), {}), null);
  assert.equal(exceptionHandler("oops", {}), null);
});

test("status codes have names and classes", () => {
  assert.equal(status.HTTP_404_NOT_FOUND, 404);
  assert.ok(status.isClientError(status.HTTP_429_TOO_MANY_REQUESTS));
  assert.ok(
    !status.isSuccess(301) && status.isRedirect(301) && status.isServerError(500) && status.isInformational(100),
  );
});
