/**
 * CEL for the rules of CRDs: compiled once, evaluated per object.
 *
 * Written here: the libraries for JavaScript know nothing of what Kubernetes adds (types by schema, escaped field names, its string, list and
 * regular expression functions, optional oldSelf), and a rule must behave here as it does on a cluster.
 *
 * Deliberately not: type checking before evaluation (a rule that compares a text with a number is found when it runs), unsigned numbers, bytes,
 * protobuf messages, Kubernetes' libraries of URLs, quantities, semantic versions, IP addresses beyond `isIP` and `isCIDR`, and its cost estimate;
 * evaluation is bounded by steps instead.
 */
import { err, ok, type Result } from '../../../result.ts';
import { evaluate, type Scope } from './evaluate.ts';
import { knows } from './functions.ts';
import { type Node, parseCel } from './syntax.ts';
import { CelSyntaxError } from './tokens.ts';
import { CelError, type Value } from './values.ts';

export interface Program {
  /** Whether the expression looks at this variable. */
  uses(name: string): boolean;
  /** The value; or why there is none, in CEL's words (`no such key: x`). */
  run(variables: Readonly<Record<string, Value>>): Result<Value, string>;
}

/** Steps of one evaluation: what Kubernetes' cost limit is for. */
const MAX_STEPS = 1_000_000;

/** @returns the program, or why the text is none */
export function compileCel(text: string, variables: readonly string[]): Result<Program, string> {
  let tree: Node;
  const used = new Set<string>();
  try {
    tree = parseCel(text);
    inspect(tree, new Set(variables), used);
  } catch (error) {
    if (error instanceof CelSyntaxError) return err(error.message);
    throw error;
  }
  return ok({
    uses: (name) => used.has(name),
    run(values) {
      const scope: Scope = { variables: new Map(Object.entries(values)), budget: { steps: MAX_STEPS } };
      try {
        return ok(evaluate(tree, scope));
      } catch (error) {
        if (error instanceof CelError) return err(error.message);
        throw error;
      }
    },
  });
}

/** Names of types are values of their own. */
const TYPES = ['int', 'double', 'string', 'bool', 'list', 'map', 'null_type', 'type', 'uint', 'bytes'];

/** Refuses names and functions that nobody knows. */
function inspect(node: Node, known: ReadonlySet<string>, used: Set<string>): void {
  if (node.type === 'name') {
    if (!known.has(node.name) && !TYPES.includes(node.name)) throw undeclared(node.name);
    used.add(node.name);
  }
  if (node.type === 'call' && !knows(node.name, node.target !== null)) throw undeclared(node.name);
  for (const child of childrenOf(node)) inspect(child, known, used);
  if (node.type !== 'macro') return;
  const inner = new Set([...known, node.variable]);
  inspect(node.body, inner, used);
  if (node.transform !== null) inspect(node.transform, inner, used);
}

const undeclared = (name: string): CelSyntaxError =>
  new CelSyntaxError(`undeclared reference to '${name}' (in container '')`);

/** The nodes below one that see the same variables. */
function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
    case 'not':
    case 'negate':
    case 'macro':
      return [node.of];
    case 'index':
      return [node.of, node.index];
    case 'call':
      return node.target === null ? node.args : [node.target, ...node.args];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flat();
    case 'binary':
      return [node.left, node.right];
    case 'choose':
      return [node.if, node.then, node.else];
  }
}
