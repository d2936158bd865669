/** The grammar of CEL: from tokens to a tree. Calls of the macros (`has`, `all`, `exists` …) are nodes of their own. */
import { CelSyntaxError, type Token, tokensOf } from './tokens.ts';

export type Macro = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';

export type Node =
  | { readonly type: 'literal'; readonly value: bigint | number | string | boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'select'; readonly of: Node; readonly field: string; readonly test: boolean }
  | { readonly type: 'index'; readonly of: Node; readonly index: Node }
  | { readonly type: 'call'; readonly name: string; readonly target: Node | null; readonly args: readonly Node[] }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly type: 'not' | 'negate'; readonly of: Node }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly type: 'choose'; readonly if: Node; readonly then: Node; readonly else: Node }
  | {
      readonly type: 'macro';
      readonly macro: Macro;
      readonly of: Node;
      readonly variable: string;
      readonly body: Node;
      /** What an item becomes, of a `map` with three arguments; then `body` chooses. */
      readonly transform: Node | null;
    };

const MACROS: readonly string[] = ['all', 'exists', 'exists_one', 'map', 'filter'];
const RESERVED = ['in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop'];
const RESERVED_TOO = ['package', 'namespace', 'return', 'var', 'void', 'while'];
const MAX_DEPTH = 250;
/** Kubernetes refuses longer rules by their cost; a rule of this length is an attack or a mistake. */
const MAX_LENGTH = 32_768;

/** Binary operators by how tightly they bind, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** @throws CelSyntaxError */
export function parseCel(text: string): Node {
  if (text.length > MAX_LENGTH) throw new CelSyntaxError(`is longer than ${MAX_LENGTH} characters`);
  const parser = new Parser(tokensOf(text));
  const node = parser.expression();
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #is(value: string): boolean {
    const token = this.#token;
    return (token.type === 'operator' || token.type === 'name') && token.value === value;
  }

  #take(value: string): boolean {
    if (!this.#is(value)) return false;
    this.#at++;
    return true;
  }

  #expect(value: string): void {
    if (!this.#take(value)) throw this.#unexpected(`expected ${JSON.stringify(value)}`);
  }

  #unexpected(what: string): CelSyntaxError {
    const { type, value, at } = this.#token;
    return new CelSyntaxError(
      `${what}, found ${type === 'end' ? 'the end' : JSON.stringify(String(value))} at offset ${at}`,
    );
  }

  expectEnd(): void {
    if (this.#token.type !== 'end') throw this.#unexpected('expected the end');
  }

  expression(): Node {
    if (++this.#depth > MAX_DEPTH) throw new CelSyntaxError(`is nested deeper than ${MAX_DEPTH}`);
    const condition = this.#binary(0);
    let node = condition;
    if (this.#take('?')) {
      const then = this.#binary(0);
      this.#expect(':');
      node = { type: 'choose', if: condition, then, else: this.expression() };
    }
    this.#depth--;
    return node;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let count = 0; ; count++) {
      const operator = operators.find((candidate) => this.#is(candidate));
      if (operator === undefined) return left;
      // A long chain is a deep tree.
      if (count > MAX_DEPTH) throw new CelSyntaxError(`has more than ${MAX_DEPTH} operators in a row`);
      this.#at++;
      left = { type: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Node {
    const operators: ('not' | 'negate')[] = [];
    for (;;) {
      if (this.#take('!')) operators.push('not');
      else if (this.#take('-')) operators.push('negate');
      else break;
      if (operators.length > MAX_DEPTH) throw new CelSyntaxError(`is nested deeper than ${MAX_DEPTH}`);
    }
    let node = this.#member();
    for (const type of operators.reverse()) node = { type, of: node };
    return node;
  }

  #member(): Node {
    let node = this.#primary();
    for (let count = 0; count <= MAX_DEPTH; count++) {
      if (this.#take('.')) {
        const name = this.#name();
        node = this.#take('(')
          ? call(name, node, this.#arguments(')'))
          : { type: 'select', of: node, field: name, test: false };
      } else if (this.#take('[')) {
        node = { type: 'index', of: node, index: this.expression() };
        this.#expect(']');
      } else return node;
    }
    throw new CelSyntaxError(`has more than ${MAX_DEPTH} accesses in a row`);
  }

  #name(): string {
    const token = this.#token;
    if (token.type !== 'name') throw this.#unexpected('expected a name');
    this.#at++;
    return token.value;
  }

  #arguments(end: string): readonly Node[] {
    const args: Node[] = [];
    while (!this.#take(end)) {
      args.push(this.expression());
      if (!this.#take(',') && !this.#is(end)) throw this.#unexpected(`expected "," or ${JSON.stringify(end)}`);
    }
    return args;
  }

  #primary(): Node {
    const token = this.#token;
    if (token.type === 'int' || token.type === 'double' || token.type === 'string') {
      this.#at++;
      return { type: 'literal', value: token.value };
    }
    if (this.#take('(')) {
      const inside = this.expression();
      this.#expect(')');
      return inside;
    }
    if (this.#take('[')) return { type: 'list', items: this.#arguments(']') };
    if (this.#take('{')) return this.#map();
    const name = this.#name();
    if (name === 'true' || name === 'false') return { type: 'literal', value: name === 'true' };
    if (name === 'null') return { type: 'literal', value: null };
    if (RESERVED.includes(name) || RESERVED_TOO.includes(name))
      throw new CelSyntaxError(`reserved word ${JSON.stringify(name)} at offset ${token.at}`);
    return this.#take('(') ? call(name, null, this.#arguments(')')) : { type: 'name', name };
  }

  #map(): Node {
    const entries: [Node, Node][] = [];
    while (!this.#take('}')) {
      const key = this.expression();
      this.#expect(':');
      entries.push([key, this.expression()]);
      if (!this.#take(',') && !this.#is('}')) throw this.#unexpected('expected "," or "}"');
    }
    return { type: 'map', entries };
  }
}

function call(name: string, target: Node | null, args: readonly Node[]): Node {
  if (target === null && name === 'has') {
    const [field] = args;
    if (args.length !== 1 || field?.type !== 'select') throw new CelSyntaxError('invalid argument to has() macro');
    return { ...field, test: true };
  }
  if (target !== null && MACROS.includes(name)) {
    const [variable, first, second] = args;
    const count = name === 'map' ? [2, 3] : [2];
    if (!count.includes(args.length) || first === undefined)
      throw new CelSyntaxError(`${name}() needs a variable and an expression`);
    if (variable?.type !== 'name') throw new CelSyntaxError(`the first argument of ${name}() must be a name`);
    const macro = name as Macro;
    const fields = { type: 'macro', macro, of: target, variable: variable.name } as const;
    if (macro === 'map')
      return {
        ...fields,
        body: second === undefined ? { type: 'literal', value: true } : first,
        transform: second ?? first,
      };
    return { ...fields, body: first, transform: null };
  }
  return { type: 'call', name, target, args };
}
