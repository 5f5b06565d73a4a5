#!/usr/bin/env node
// @ts-nocheck
// Replays recorded requests against a server and compares its answers with the recorded ones.
//
//   node replay.mjs --base http://127.0.0.1:8000 --corpus corpus --reset './reset.sh'
//
// Options
//   --base URL         server under test (requests carry "Host: testserver" unless a case says otherwise)
//   --corpus PATH      folder of *.json files, or one such file
//   --reset COMMAND    shell command that puts the database back to the fixture and forgets
//                      all throttle history; run before the first scenario and whenever the
//                      previous scenario may have changed something
//   --reset-always     run the reset before every scenario
//   --area A[,B...]    only these areas
//   --case TEXT[,...]  only scenarios holding a case whose id contains TEXT
//   --diffs N          show the first N failing cases in full (default 20)
//   --report FILE      write every result as JSON
//   --lax-charset      do not compare the charset parameter of Content-Type
//   --flavour NAME     which answer to expect where releases of REST framework differ (cases
//                      tagged "version-dependent"): drf-3.14 (default), newest or either
//   --skip-tag TAG     leave out cases that carry TAG (they are sent, but not judged)
//   --jwt-key KEY      key the JWTs are signed with (default: the one in SPEC.md)
//   --timeout MS       per request (default 15000)
//
// Exit status: 0 if every case passed, 1 if any failed, 2 if the run itself was not possible.
import { execSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import process from 'node:process';

const ORIGIN = 'http://testserver';
const options = {
  base: null, corpus: null, reset: null, resetAlways: false, area: null, case: null,
  diffs: 20, report: null, laxCharset: false, skipTag: [], timeout: 15000,
  flavour: 'drf-3.14', jwtKey: 'conformance-jwt-signing-key-0123456789abcdefghijklmnop',
};

function usage(message) {
  if (message) console.error(message);
  console.error('usage: node replay.mjs --base URL --corpus PATH [--reset COMMAND] [--reset-always] [--area A,B] [--case TEXT] [--diffs N] [--report FILE] [--lax-charset] [--flavour drf-3.14|newest|either] [--skip-tag TAG] [--jwt-key KEY] [--timeout MS]');
  process.exit(2);
}

for (let i = 2; i < process.argv.length; i += 1) {
  const arg = process.argv[i];
  const value = () => {
    i += 1;
    if (i >= process.argv.length) usage(`${arg} needs a value`);
    return process.argv[i];
  };
  if (arg === '--base') options.base = value().replace(/\/$/, '');
  else if (arg === '--corpus') options.corpus = value();
  else if (arg === '--reset') options.reset = value();
  else if (arg === '--reset-always') options.resetAlways = true;
  else if (arg === '--area') options.area = value().split(',');
  else if (arg === '--case') options.case = value().split(',');
  else if (arg === '--diffs') options.diffs = Number(value());
  else if (arg === '--report') options.report = value();
  else if (arg === '--lax-charset') options.laxCharset = true;
  else if (arg === '--flavour') options.flavour = value();
  else if (arg === '--skip-tag') options.skipTag.push(value());
  else if (arg === '--jwt-key') options.jwtKey = value();
  else if (arg === '--timeout') options.timeout = Number(value());
  else usage(`unknown option ${arg}`);
}
if (!options.base || !options.corpus) usage();
if (!['drf-3.14', 'newest', 'either'].includes(options.flavour)) usage('--flavour is drf-3.14, newest or either');

// ------------------------------------------------------------------------- JSON
// A parser of its own, since JSON.parse would round numbers: they are kept as text
// and compared by their exact value.
class Num {
  constructor(raw) { this.raw = raw; }
  canonical() {
    const [, sign, int, frac = '', exp = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(this.raw);
    let digits = int + frac;
    let power = BigInt(exp) - BigInt(frac.length);
    digits = digits.replace(/^0+/, '');
    if (digits === '') return '0';
    const trimmed = digits.replace(/0+$/, '');
    power += BigInt(digits.length - trimmed.length);
    return `${sign}${trimmed}e${power}`;
  }
}

function parseJson(text) {
  let at = 0;
  const fail = (why) => { throw new SyntaxError(`${why} at ${at}`); };
  const space = () => { while (at < text.length && ' \t\n\r'.includes(text[at])) at += 1; };
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
  const value = () => {
    space();
    const c = text[at];
    if (c === '{') {
      at += 1;
      const out = new Map();
      space();
      if (text[at] === '}') { at += 1; return out; }
      for (;;) {
        space();
        if (text[at] !== '"') fail('expected a key');
        const key = value();
        space();
        if (text[at] !== ':') fail('expected a colon');
        at += 1;
        out.set(key, value());
        space();
        if (text[at] === ',') { at += 1; continue; }
        if (text[at] === '}') { at += 1; return out; }
        fail('expected a comma or }');
      }
    }
    if (c === '[') {
      at += 1;
      const out = [];
      space();
      if (text[at] === ']') { at += 1; return out; }
      for (;;) {
        out.push(value());
        space();
        if (text[at] === ',') { at += 1; continue; }
        if (text[at] === ']') { at += 1; return out; }
        fail('expected a comma or ]');
      }
    }
    if (c === '"') {
      string.lastIndex = at;
      const m = string.exec(text);
      if (!m) fail('bad string');
      at = string.lastIndex;
      return JSON.parse(m[0]);
    }
    for (const [word, meaning] of [['true', true], ['false', false], ['null', null]]) {
      if (text.startsWith(word, at)) { at += word.length; return meaning; }
    }
    number.lastIndex = at;
    const m = number.exec(text);
    if (!m) fail('unexpected input');
    at = number.lastIndex;
    return new Num(m[0]);
  };
  const out = value();
  space();
  if (at !== text.length) fail('trailing input');
  return out;
}

// Maps and Nums to plain objects and numbers, for everything but bodies.
function plain(value) {
  if (value instanceof Map) {
    const out = {};
    for (const [k, v] of value) out[k] = k === 'body' && value.has('kind') ? v : plain(v);
    return out;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Num) return Number(value.raw);
  return value;
}

function show(value) {
  if (value === undefined) return '(absent)';
  const text = (function write(v) {
    if (v instanceof Num) return v.raw;
    if (v instanceof Map) return `{${[...v].map(([k, x]) => `${JSON.stringify(k)}: ${write(x)}`).join(', ')}}`;
    if (Array.isArray(v)) return `[${v.map(write).join(', ')}]`;
    return JSON.stringify(v);
  })(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

function same(a, b) {
  if (a instanceof Num || b instanceof Num) {
    return a instanceof Num && b instanceof Num && a.canonical() === b.canonical();
  }
  if (a instanceof Map || b instanceof Map) {
    if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
    for (const [k, v] of a) if (!b.has(k) || !same(v, b.get(k))) return false;
    return true;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i]));
  }
  return a === b;
}

// --------------------------------------------------------------------- matchers
const PATTERNS = {
  datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  hex40: /^[0-9a-f]{40}$/,
};

function matchJwt(rule, actual) {
  if (typeof actual !== 'string') return 'not a string';
  const parts = actual.split('.');
  if (parts.length !== 3) return 'not three parts';
  let header;
  let claims;
  try {
    header = JSON.parse(Buffer.from(parts[0], 'base64url').toString('utf8'));
    claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString('utf8'));
  } catch {
    return 'parts are not base64url JSON';
  }
  if (header.alg !== 'HS256') return `alg is ${header.alg}`;
  const signature = createHmac('sha256', options.jwtKey).update(`${parts[0]}.${parts[1]}`).digest('base64url');
  if (signature !== parts[2]) return 'signature does not verify with the configured key';
  for (const [name, want] of Object.entries(rule.claims ?? {})) {
    // later releases of simplejwt write the user id as text
    if (claims[name] !== want && (options.flavour === 'drf-3.14' || String(claims[name]) !== String(want))) return `claim ${name} is ${JSON.stringify(claims[name])}, expected ${JSON.stringify(want)}`;
  }
  if (typeof claims.jti !== 'string' || claims.jti === '') return 'no jti';
  if (rule.lifetime !== undefined) {
    const left = claims.exp - Date.now() / 1000;
    if (!(left > rule.lifetime - 60 && left <= rule.lifetime + 5)) return `expires in ${left} s, expected about ${rule.lifetime}`;
  }
  return null;
}

function withoutCursor(url) {
  const at = url.indexOf('?');
  if (at < 0) return { url, cursor: null };
  const parts = url.slice(at + 1).split('&');
  const cursor = parts.find((p) => p.startsWith('cursor='));
  const rest = parts.filter((p) => !p.startsWith('cursor=')).join('&');
  return { url: `${url.slice(0, at)}?${rest}`, cursor: cursor ? cursor.slice(7) : null };
}

// null if it matches, otherwise the reason why not
function match(rule, expected, actual, captured) {
  switch (rule.match) {
    case 'any':
      return actual === undefined ? 'absent' : null;
    case 'datetime':
    case 'uuid':
    case 'hex40':
      return typeof actual === 'string' && PATTERNS[rule.match].test(actual) ? null : `is no ${rule.match}`;
    case 'regex':
      return typeof actual === 'string' && new RegExp(rule.pattern).test(actual) ? null : `does not match /${rule.pattern}/`;
    case 'jwt':
      return matchJwt(rule, actual);
    case 'same':
      return actual === captured[rule.capture] ? null : `is not the earlier ${rule.capture}`;
    case 'cursor-url': {
      if (typeof actual !== 'string') return 'is no link';
      const want = withoutCursor(expected);
      const got = withoutCursor(actual);
      if (!got.cursor) return 'has no cursor';
      return want.url === got.url ? null : `differs besides the cursor: expected ${want.url}`;
    }
    case 'set': {
      if (!Array.isArray(actual) || actual.length !== expected.length) return 'is not the expected set';
      const left = [...actual];
      for (const item of expected) {
        const i = left.findIndex((x) => same(item, x));
        if (i < 0) return `lacks ${show(item)}`;
        left.splice(i, 1);
      }
      return null;
    }
    default:
      return `unknown matcher ${rule.match}`;
  }
}

function compare(expected, actual, at, rules, captured, out) {
  const rule = rules.get(at);
  if (rule) {
    const why = match(rule, expected, actual, captured);
    if (why) out.push({ at, expected: `${rule.match}, e.g. ${show(expected)}`, actual: show(actual), why });
    return;
  }
  if (expected instanceof Map && actual instanceof Map) {
    for (const key of new Set([...expected.keys(), ...actual.keys()])) {
      if (!actual.has(key)) out.push({ at: `${at}.${key}`, expected: show(expected.get(key)), actual: '(absent)' });
      else if (!expected.has(key)) out.push({ at: `${at}.${key}`, expected: '(absent)', actual: show(actual.get(key)) });
      else compare(expected.get(key), actual.get(key), `${at}.${key}`, rules, captured, out);
    }
    return;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      out.push({ at, expected: `${expected.length} items: ${show(expected)}`, actual: `${actual.length} items: ${show(actual)}` });
      return;
    }
    expected.forEach((item, i) => compare(item, actual[i], `${at}[${i}]`, rules, captured, out));
    return;
  }
  if (!same(expected, actual)) out.push({ at, expected: show(expected), actual: show(actual) });
}

const list = (text) => text.split(',').map((x) => x.trim()).filter(Boolean);
const normalType = (text) => {
  const [type, ...params] = text.split(';').map((x) => x.trim().toLowerCase());
  return [type, ...params.filter((p) => !(options.laxCharset && p.startsWith('charset=')))].join('; ');
};

function compareHeaders(expected, actual, rules, captured, out) {
  for (const [name, want] of Object.entries(expected)) {
    const got = actual[name.toLowerCase()] ?? null;
    const at = `header:${name}`;
    const rule = rules.get(at);
    if (rule) {
      const why = match(rule, want, got ?? undefined, captured);
      if (why) out.push({ at, expected: `${rule.match}, e.g. ${want}`, actual: String(got), why });
    } else if (name === 'Allow' && want !== null && got !== null) {
      if (list(want).sort().join() !== list(got.toUpperCase()).sort().join()) out.push({ at, expected: want, actual: got });
    } else if (name === 'Vary' && want !== null) {
      const have = list((got ?? '').toLowerCase());
      if (!list(want.toLowerCase()).every((x) => have.includes(x))) out.push({ at, expected: `at least ${want}`, actual: String(got) });
    } else if (name === 'Content-Type' && want !== null && got !== null) {
      if (normalType(want) !== normalType(got)) out.push({ at, expected: want, actual: got });
    } else if (want !== got) {
      out.push({ at, expected: want === null ? '(absent)' : want, actual: got === null ? '(absent)' : got });
    }
  }
}

// ---------------------------------------------------------------------- running
function fill(text, captured) {
  return text.replace(/\{\{(\w+)\}\}/g, (all, name) => {
    if (captured[name] === undefined) throw new Error(`nothing was captured as ${name}`);
    return String(captured[name]);
  });
}

function lookup(value, where) {
  for (const [, key, index] of where.slice(1).matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)) {
    if (key !== undefined) value = value instanceof Map ? value.get(key) : undefined;
    else value = Array.isArray(value) ? value[Number(index)] : undefined;
  }
  return value;
}

const base = new URL(options.base);

function send(request, captured) {
  let target = fill(request.path, captured);
  if (target.startsWith(ORIGIN)) target = target.slice(ORIGIN.length);
  const headers = { Host: 'testserver', Connection: 'close' };
  for (const [name, value] of Object.entries(request.headers)) headers[name] = fill(value, captured);
  let body = null;
  if (request.body !== undefined) body = Buffer.from(fill(request.body, captured), 'utf8');
  else if (request.body_base64 !== undefined) body = Buffer.from(request.body_base64, 'base64');
  if (body !== null || ['POST', 'PUT', 'PATCH'].includes(request.method)) headers['Content-Length'] = String(body?.length ?? 0);
  return new Promise((resolve, reject) => {
    const req = (base.protocol === 'https:' ? https : http).request({
      host: base.hostname, port: base.port || (base.protocol === 'https:' ? 443 : 80),
      method: request.method, path: base.pathname.replace(/\/$/, '') + target,
      headers, agent: false, setHost: false, timeout: options.timeout,
    }, (res) => {
      const chunks = [];
      res.on('data', (c) => chunks.push(c));
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, data: Buffer.concat(chunks) }));
      res.on('error', reject);
    });
    req.on('timeout', () => req.destroy(new Error(`no answer within ${options.timeout} ms`)));
    req.on('error', reject);
    req.end(body ?? undefined);
  });
}

function judge(testCase, response, captured) {
  const { newer } = testCase;
  if (!newer || options.flavour === 'drf-3.14') return judgeOne(testCase, response, captured);
  const result = judgeOne(newer, response, captured);
  if (options.flavour === 'newest' || result.out.length === 0) return result;
  return judgeOne(testCase, response, captured);
}

function judgeOne({ expect, volatile }, response, captured) {
  const rules = new Map((volatile ?? []).map((rule) => [rule.path, rule]));
  const out = [];
  if (response.status !== expect.status) out.push({ at: 'status', expected: String(expect.status), actual: String(response.status) });
  compareHeaders(expect.headers, response.headers, rules, captured, out);
  const text = response.data.toString('utf8');
  let body;
  try { body = parseJson(text); } catch { /* not JSON */ }
  if (expect.kind === 'empty') {
    if (text !== '') out.push({ at: 'body', expected: '(empty)', actual: show(text) });
  } else if (expect.kind === 'text') {
    if (text !== expect.text) out.push({ at: 'body', expected: show(expect.text), actual: show(text) });
  } else if (expect.kind === 'json') {
    if (body === undefined) out.push({ at: 'body', expected: show(expect.body), actual: text === '' ? '(empty)' : `not JSON: ${show(text)}` });
    else compare(expect.body, body, '$', rules, captured, out);
  }
  return { out, body };
}

function reset() {
  if (!options.reset) return;
  try {
    execSync(options.reset, { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    console.error(`the reset command failed: ${error.message}`);
    process.exit(2);
  }
}

function load() {
  if (!existsSync(options.corpus)) usage(`no such file or folder: ${options.corpus}`);
  const files = statSync(options.corpus).isDirectory()
    ? readdirSync(options.corpus).filter((f) => f.endsWith('.json')).sort().map((f) => path.join(options.corpus, f))
    : [options.corpus];
  const scenarios = files.flatMap((file) => plain(parseJson(readFileSync(file, 'utf8'))).scenarios);
  return scenarios.filter((s) => (!options.area || options.area.includes(s.area))
    && (!options.case || s.cases.some((c) => options.case.some((t) => c.id.includes(t)))));
}

const scenarios = load();
if (scenarios.length === 0) usage('no scenario selected');
const results = [];
let dirty = true;
let shown = 0;
for (const scenario of scenarios) {
  if (dirty || scenario.fresh || options.resetAlways) reset();
  dirty = Boolean(scenario.writes || scenario.fresh);
  const captured = {};
  for (const testCase of scenario.cases) {
    const skipped = (testCase.tags ?? []).some((t) => options.skipTag.includes(t));
    let diffs;
    try {
      const response = await send(testCase.request, captured);
      if (response.status < 400 && !['GET', 'HEAD', 'OPTIONS'].includes(testCase.request.method)) dirty = true;
      const { out, body } = judge(testCase, response, captured);
      diffs = out;
      for (const [name, where] of Object.entries(testCase.capture ?? {})) {
        const found = lookup(body, where);
        captured[name] = found instanceof Num ? found.raw : found ?? undefined;
      }
    } catch (error) {
      diffs = [{ at: 'request', expected: 'an answer', actual: error.message }];
      dirty = true;
    }
    if (skipped) continue;
    results.push({ id: testCase.id, area: testCase.area, title: testCase.title, passed: diffs.length === 0, diffs });
    if (diffs.length > 0 && shown < options.diffs) {
      shown += 1;
      const { method, path: target, body } = testCase.request;
      console.log(`FAIL ${testCase.id}  ${scenario.cases.length > 1 ? `${scenario.title}: ` : ''}${testCase.title}`);
      console.log(`     ${method} ${target}${testCase.user ? `  (as ${testCase.user})` : ''}`);
      if (body) console.log(`     body: ${body.length > 300 ? `${body.slice(0, 300)}…` : body}`);
      for (const d of diffs.slice(0, 8)) {
        console.log(`     ${d.at}${d.why ? ` (${d.why})` : ''}`);
        console.log(`       expected ${d.expected}`);
        console.log(`       actual   ${d.actual}`);
      }
      if (diffs.length > 8) console.log(`     … and ${diffs.length - 8} more differences`);
    }
  }
}

const areas = new Map();
for (const r of results) {
  const row = areas.get(r.area) ?? { passed: 0, total: 0 };
  row.total += 1;
  if (r.passed) row.passed += 1;
  areas.set(r.area, row);
}
const passed = results.filter((r) => r.passed).length;
const failed = results.length - passed;
if (failed > shown) console.log(`… ${failed - shown} more failing cases not shown (--diffs N)`);
console.log('');
for (const [area, row] of [...areas].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
  console.log(`${area.padEnd(26)} ${String(row.passed).padStart(4)} / ${row.total}`);
}
if (options.report) writeFileSync(options.report, `${JSON.stringify({ passed, failed, results }, null, 1)}\n`);
console.log('');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
