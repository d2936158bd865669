/** Evaluation of a CEL expression. `&&`, `||`, `all` and `exists` need only one side to decide: an error of the other is passed over (CEL specification, section Logical Operators). */
import { callFunction } from './functions.ts';
import type { Node } from './syntax.ts';
import {
  CelError,
  checkedInt,
  compare,
  Duration,
  equal,
  isList,
  Timestamp,
  TypeValue,
  typeName,
  type Value,
} from './values.ts';

export interface Scope {
  readonly variables: ReadonlyMap<string, Value>;
  readonly budget: { steps: number };
}

/** @throws CelError */
export function evaluate(node: Node, scope: Scope): Value {
  if (--scope.budget.steps < 0) throw new CelError('the expression costs too much');
  switch (node.type) {
    case 'literal':
      return typeof node.value === 'bigint' && node.value !== 2n ** 63n ? checkedInt(node.value) : node.value;
    case 'name':
      return scope.variables.has(node.name) ? (scope.variables.get(node.name) as Value) : new TypeValue(node.name);
    case 'select':
      return select(evaluate(node.of, scope), node.field, node.test);
    case 'index':
      return at(evaluate(node.of, scope), evaluate(node.index, scope));
    case 'call': {
      const target = node.target === null ? null : { value: evaluate(node.target, scope) };
      return callFunction(
        node.name,
        target,
        node.args.map((arg) => evaluate(arg, scope)),
        scope.budget,
      );
    }
    case 'list':
      return node.items.map((item) => evaluate(item, scope));
    case 'map':
      return new Map(node.entries.map(([key, value]) => [evaluate(key, scope), evaluate(value, scope)]));
    case 'not':
      return !asBool(evaluate(node.of, scope));
    case 'negate': {
      const value = evaluate(node.of, scope);
      if (typeof value === 'bigint') return checkedInt(-value);
      if (typeof value === 'number') return -value;
      if (value instanceof Duration) return new Duration(-value.nanos);
      throw new CelError(`no such overload: -${typeName(value)}`);
    }
    case 'binary':
      return binary(node.operator, node.left, node.right, scope);
    case 'choose':
      return evaluate(asBool(evaluate(node.if, scope)) ? node.then : node.else, scope);
    case 'macro':
      return macro(node, scope);
  }
}

function asBool(value: Value): boolean {
  if (typeof value !== 'boolean') throw new CelError(`no such overload: ${typeName(value)} where bool is expected`);
  return value;
}

/** How Kubernetes writes field names that are no names in CEL (docs: CRD validation rules, escaping). */
const unescapedField = (name: string): string =>
  name
    .replace(/__(underscores|dot|dash|slash)__/g, (_, what: string) => ESCAPED[what] as string)
    .replace(/^__([a-z]+)__$/, '$1');
const ESCAPED: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

function select(value: Value, field: string, test: boolean): Value {
  if (!(value instanceof Map)) throw new CelError(`no such key: ${field}`);
  const name = value.has(field) ? field : unescapedField(field);
  if (test) return value.has(name);
  if (!value.has(name)) throw new CelError(`no such key: ${field}`);
  return value.get(name) as Value;
}

function at(value: Value, index: Value): Value {
  if (isList(value)) {
    const place = typeof index === 'bigint' || typeof index === 'number' ? Number(index) : Number.NaN;
    const item = Number.isInteger(place) && place >= 0 ? value[place] : undefined;
    if (item === undefined) throw new CelError(`index out of bounds: ${String(index)}`);
    return item;
  }
  if (value instanceof Map) {
    if (!value.has(index)) throw new CelError(`no such key: ${String(index)}`);
    return value.get(index) as Value;
  }
  throw new CelError(`no such overload: ${typeName(value)}[${typeName(index)}]`);
}

function binary(operator: string, left: Node, right: Node, scope: Scope): Value {
  if (operator === '&&' || operator === '||')
    return logical(operator === '||', [left, right], (node) => evaluate(node, scope));
  const [a, b] = [evaluate(left, scope), evaluate(right, scope)];
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    case '>=':
      return compare(a, b) >= 0;
    case 'in':
      if (isList(b)) return b.some((item) => equal(item, a));
      if (b instanceof Map) return b.has(a);
      throw new CelError(`no such overload: ${typeName(a)} in ${typeName(b)}`);
    default:
      return arithmetic(operator, a, b, scope);
  }
}

/** Whether one of several is `decisive`; what fails counts only where none is. */
function logical<T>(decisive: boolean, parts: Iterable<T>, judge: (part: T) => Value): boolean {
  let failed: CelError | undefined;
  for (const part of parts) {
    try {
      if (asBool(judge(part)) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
  return !decisive;
}

function arithmetic(operator: string, a: Value, b: Value, scope: Scope): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(operator, a, b);
  if (typeof a === 'number' && typeof b === 'number' && operator !== '%') return doubles(operator, a, b);
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') {
      scope.budget.steps -= (a.length + b.length) / 10;
      return a + b;
    }
    if (isList(a) && isList(b)) {
      scope.budget.steps -= a.length + b.length;
      return [...a, ...b];
    }
    if (a instanceof Duration && b instanceof Duration) return new Duration(a.nanos + b.nanos);
    if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.nanos + b.nanos);
    if (a instanceof Duration && b instanceof Timestamp) return new Timestamp(a.nanos + b.nanos);
  }
  if (operator === '-') {
    if (a instanceof Duration && b instanceof Duration) return new Duration(a.nanos - b.nanos);
    if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.nanos - b.nanos);
    if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(a.nanos - b.nanos);
  }
  throw new CelError(`no such overload: ${typeName(a)} ${operator} ${typeName(b)}`);
}

function integers(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return checkedInt(a + b);
    case '-':
      return checkedInt(a - b);
    case '*':
      return checkedInt(a * b);
    case '/':
      if (b === 0n) throw new CelError('division by zero');
      return checkedInt(a / b);
    default:
      if (b === 0n) throw new CelError('modulus by zero');
      return a % b;
  }
}

function doubles(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a / b;
  }
}

function macro(node: Extract<Node, { type: 'macro' }>, scope: Scope): Value {
  const of = evaluate(node.of, scope);
  const items = isList(of) ? of : of instanceof Map ? [...of.keys()] : undefined;
  if (items === undefined) throw new CelError(`no such overload: ${typeName(of)}.${node.macro}()`);
  const inner = (item: Value): Scope => ({ ...scope, variables: new Map(scope.variables).set(node.variable, item) });
  const holds = (item: Value): Value => evaluate(node.body, inner(item));
  switch (node.macro) {
    case 'all':
      return logical(false, items, holds);
    case 'exists':
      return logical(true, items, holds);
    case 'exists_one':
      return items.filter((item) => asBool(holds(item))).length === 1;
    case 'filter':
      return items.filter((item) => asBool(holds(item)));
    case 'map': {
      const { transform } = node;
      const chosen = items.filter((item) => asBool(holds(item)));
      return transform === null ? chosen : chosen.map((item) => evaluate(transform, inner(item)));
    }
  }
}
