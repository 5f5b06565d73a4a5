import { Combined, type Expression, FExpression, OrderBy, ValueExpression } from "../expressions/base.ts";
import { Func } from "../expressions/func.ts";
import { QNode } from "../expressions/q.ts";
import { OpClassExpression } from "../schema/index_terms.ts";
import { render, type Source } from "./source.ts";

type Write = (value: unknown) => Source;

/** A condition or an expression as TypeScript source; undefined for anything else. */
export function expressionSource(value: object, write: Write, imports: Set<string>): Source | undefined {
  if (value instanceof QNode) return conditionSource(value, write, imports);
  if (value instanceof FExpression) return call("F", [value.path], write, imports);
  if (value instanceof ValueExpression) return call("Value", [value.value], write, imports);
  if (value instanceof Combined) {
    return method(write(value.left), methods[value.connector], [
      write(value.right instanceof ValueExpression ? value.right.value : value.right),
    ]);
  }
  if (value instanceof OrderBy) return orderSource(value, write);
  if (value instanceof OpClassExpression)
    return call("OpClass", [argument(value.expression), value.name], write, imports);
  if (value instanceof Func && isName(value.kind.name))
    return call(value.kind.name, value.args.map(argument), write, imports);
  return undefined;
}

/** What the functions of the database are called; anything else cannot be written down. */
function isName(name: string): boolean {
  return /^[A-Z]\w*$/.test(name);
}

/** A text that a function takes is a column's name. */
function argument(expression: Expression): unknown {
  return expression instanceof FExpression ? expression.path : expression;
}

function orderSource({ expression, descending, options }: OrderBy, write: Write): Source {
  const args = Object.keys(options).length > 0 ? [write(options)] : [];
  return method(write(expression), descending ? "desc" : "asc", args);
}

const methods = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "^": "power",
  "&": "bitAnd",
  "|": "bitOr",
};

function call(name: string, args: readonly unknown[], write: Write, imports: Set<string>): Source {
  imports.add(name);
  return { call: name, args: args.map(write) };
}

/** `Q({ status: "draft" }).or({ pages: 0 }).not()`, as a person would write it. */
function conditionSource(node: QNode, write: Write, imports: Set<string>): Source {
  const [first = {}, ...others] = node.children;
  const head = first instanceof QNode ? conditionSource(first, write, imports) : call("Q", [first], write, imports);
  const whole = others.length === 0 ? head : method(head, node.connector, others.map(write));
  return node.negated ? method(whole, "not", []) : whole;
}

/** A call of a method of what another source gives. */
function method(on: Source, name: string, args: readonly Source[]): Source {
  return { call: `${render(on)}.${name}`, args };
}
