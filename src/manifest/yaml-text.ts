/**
 * YAML text to JSON values, as kubectl reads it, with positions on demand.
 *
 * The library's part is the syntax: it composes nodes under the failsafe schema, in which every scalar is text. What the nodes mean is
 * decided here: plain scalars by {@link resolvePlain}, keys as text, merge keys, aliases. A duplicate key is refused, aliases may not
 * unfold without bound ("billion laughs"), and nesting ends at {@link MAX_DEPTH}.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { FieldPath } from '../config/problem.ts';
import { err, ok, type Result } from '../result.ts';
import { MAX_DEPTH, type SyntaxFault, setField, type TextDocument } from './document.ts';
import { resolvePlain } from './scalar.ts';

/** How many nodes the aliases of one document may stand for. */
const MAX_ALIASED_NODES = 100_000;

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Reads every document of a YAML text; offsets are into `text`, moved by `base`. */
export function readYaml(text: string, base: number): Result<readonly TextDocument[], SyntaxFault> {
  const composed = compose(text);
  if (!composed.ok) return err({ offset: base + composed.error.offset, message: composed.error.message });
  const documents: TextDocument[] = [];
  // Composed again for the first position that is asked for, and kept as long as memory allows: a list may have thousands of faults.
  let kept: WeakRef<readonly Document[]> | undefined;
  const recompose = (): readonly Document[] => {
    const alive = kept?.deref();
    if (alive !== undefined) return alive;
    const again = compose(text);
    const fresh = again.ok ? again.value : [];
    kept = new WeakRef(fresh);
    return fresh;
  };
  for (const [index, document] of composed.value.entries()) {
    try {
      documents.push({
        value: new JsonBuilder().build(document.contents, 0),
        offsetOf: (path) => {
          const node = recompose()[index]?.contents;
          return base + (node === null || node === undefined ? 0 : offsetIn(node, path));
        },
      });
    } catch (error) {
      if (error instanceof Fault) return err({ offset: base + error.offset, message: error.message });
      throw error;
    }
  }
  return ok(documents);
}

function compose(text: string): Result<readonly Document[], SyntaxFault> {
  let documents: readonly Document[];
  try {
    // Unique keys are checked in JsonBuilder: the library's own check is quadratic in the size of a mapping.
    documents = [
      ...parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' }),
    ];
  } catch (error) {
    // The library composes recursively: only the end of the stack comes here.
    if (error instanceof RangeError) return err({ offset: 0, message: TOO_DEEP });
    throw error;
  }
  for (const { errors } of documents) {
    const fault = errors.find((e) => e.code === 'RESOURCE_EXHAUSTION') ?? errors[0];
    if (fault !== undefined) return err({ offset: fault.pos[0], message: describe(fault) });
  }
  return ok(documents);
}

const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`;

/** The library's message, but for those that quote the text. */
function describe(fault: YAMLError): string {
  switch (fault.code) {
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    case 'UNEXPECTED_TOKEN':
      return 'not YAML: unexpected text here';
    case 'BAD_DQ_ESCAPE':
      return 'not YAML: invalid escape sequence in a double-quoted text';
    case 'BAD_ALIAS':
      return 'not YAML: invalid anchor or alias';
    case 'TAG_RESOLVE_FAILED':
      return 'not YAML: unknown tag';
    case 'BAD_DIRECTIVE':
      return 'not YAML: invalid directive';
    default:
      return `not YAML: ${fault.message}`;
  }
}

/** Makes a document's JSON; throws {@link Fault}. */
class JsonBuilder {
  readonly #anchors = new Map<string, { readonly value: unknown; readonly nodes: number }>();
  #nodes = 0;
  #aliased = 0;

  build(node: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Fault(startOf(node), TOO_DEEP);
    this.#nodes += 1;
    if (isAlias(node)) return this.#resolve(node.source, startOf(node));
    const before = this.#nodes;
    const value = this.#value(node, depth);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    // Set when the value is complete: an alias inside of its own anchor finds nothing.
    if (anchor !== undefined) this.#anchors.set(anchor, { value, nodes: this.#nodes - before + 1 });
    return value;
  }

  #resolve(name: string, offset: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new Fault(offset, 'not YAML: an alias without an anchor before it');
    this.#nodes += target.nodes;
    this.#aliased += target.nodes;
    if (this.#aliased > MAX_ALIASED_NODES)
      throw new Fault(offset, `aliases stand for more than ${MAX_ALIASED_NODES} values`);
    return target.value;
  }

  #value(node: unknown, depth: number): unknown {
    if (isMap(node)) return this.#mapping(node, depth);
    if (isSeq(node)) return node.items.map((item) => this.build(item, depth + 1));
    return isScalar(node) ? scalarValue(node) : null;
  }

  #mapping(map: YAMLMap, depth: number): unknown {
    const object: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const pair of map.items) {
      const key = keyOf(pair);
      if (key === undefined) throw new Fault(startOf(pair.key ?? map), 'not YAML that JSON can say: a key is no text');
      const value = this.build(pair.value, depth + 1);
      if (isMergeKey(pair)) merged.push(...(Array.isArray(value) ? value : [value]));
      else if (Object.hasOwn(object, key))
        throw new Fault(startOf(pair.key), 'duplicate key: the mapping has this key already');
      else setField(object, key, value);
    }
    for (const [i, source] of merged.entries()) {
      if (typeof source !== 'object' || source === null || Array.isArray(source))
        throw new Fault(startOf(map), `entry ${i} of a merge key (<<) is no mapping`);
      for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(object, key)) setField(object, key, value);
    }
    return object;
  }
}

function scalarValue(node: Scalar): unknown {
  const text = typeof node.value === 'string' ? node.value : '';
  if (node.tag === 'tag:yaml.org,2002:str' || node.tag === '!') return text;
  return node.type === 'PLAIN' || node.type === undefined ? resolvePlain(text) : text;
}

const isMergeKey = (pair: Pair): boolean => isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.value === '<<';

/** The key as JSON has it: go-yaml writes `yes:` as "true" and `0x10:` as "16". Undefined where the key is no scalar. */
function keyOf(pair: Pair): string | undefined {
  if (!isScalar(pair.key)) return undefined;
  return String(scalarValue(pair.key));
}

const startOf = (node: unknown): number => (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;

/** The offset of the deepest node on the path; aliases are followed to their anchor, merge keys to their sources. */
function offsetIn(root: unknown, path: FieldPath): number {
  let anchors: Map<string, unknown> | undefined;
  const follow = (node: unknown): unknown => {
    for (let hops = 0; isAlias(node) && hops < MAX_DEPTH; hops++) {
      anchors ??= collectAnchors(root, new Map());
      node = anchors.get(node.source);
    }
    return node;
  };
  let node = follow(root);
  let offset = startOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = findPair(node, String(step), follow, 0);
      if (pair === undefined) break;
      offset = startOf(pair.key);
      node = follow(pair.value);
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      const item = node.items[step];
      offset = startOf(item);
      node = follow(item);
    } else break;
  }
  return offset;
}

function findPair(map: YAMLMap, key: string, follow: (node: unknown) => unknown, depth: number): Pair | undefined {
  const own = map.items.find((pair) => !isMergeKey(pair) && keyOf(pair) === key);
  if (own !== undefined || depth > MAX_DEPTH) return own;
  for (const merge of map.items.filter(isMergeKey)) {
    const source = follow(merge.value);
    for (const part of isSeq(source) ? source.items.map(follow) : [source]) {
      const pair = isMap(part) ? findPair(part, key, follow, depth + 1) : undefined;
      if (pair !== undefined) return pair;
    }
  }
  return undefined;
}

function collectAnchors(node: unknown, anchors: Map<string, unknown>): Map<string, unknown> {
  const anchor = (node as { anchor?: string } | null | undefined)?.anchor;
  if (anchor !== undefined && !isAlias(node)) anchors.set(anchor, node);
  if (isMap(node)) for (const pair of node.items) collectAnchors(pair.value, anchors);
  else if (isSeq(node)) for (const item of node.items) collectAnchors(item, anchors);
  return anchors;
}
