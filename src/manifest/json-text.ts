/**
 * JSON text to values, with what JSON.parse does not give: an error for a duplicate key, and the offset of a field.
 *
 * A file of JSON may hold several values one after the other, as `kubectl` accepts them. What is no JSON (a YAML flow mapping begins with
 * a brace too) is told apart from what is JSON and may not be used (a duplicate key, nesting without end).
 */
import type { FieldPath } from '../config/problem.ts';
import { err, ok, type Result } from '../result.ts';
import { MAX_DEPTH, type SyntaxFault, setField, type TextDocument } from './document.ts';

/** A fault of JSON text; `foreign` says that it is no JSON at all and may be something else. */
export interface JsonFault extends SyntaxFault {
  readonly foreign: boolean;
}

/** Reads every value of a JSON text; offsets are into `text`, moved by `base`. */
export function readJson(text: string, base: number): Result<readonly TextDocument[], JsonFault> {
  const documents: TextDocument[] = [];
  try {
    const scanner = new Scanner(text, 0);
    while (!scanner.atEnd()) {
      const start = scanner.offset;
      const value = scanner.value(0);
      const { items } = scanner;
      documents.push({
        value,
        offsetOf: (path) => {
          // Straight to the item of a list: it may have thousands, and a fault in each.
          const item = path[0] === 'items' && typeof path[1] === 'number' ? items[path[1]] : undefined;
          const again = new Scanner(text, item ?? start);
          again.seek(item === undefined ? path : path.slice(2));
          return base + again.found;
        },
      });
      scanner.items = [];
    }
  } catch (error) {
    if (error instanceof Fault)
      return err({ offset: base + error.offset, message: error.message, foreign: error.foreign });
    throw error;
  }
  return ok(documents);
}

class Fault extends Error {
  readonly offset: number;
  readonly foreign: boolean;
  constructor(offset: number, message: string, foreign: boolean) {
    super(message);
    this.offset = offset;
    this.foreign = foreign;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\r\n]*/y;
const WORD = /true|false|null/y;

/** A recursive descent over JSON; throws {@link Fault}. */
class Scanner {
  readonly #text: string;
  #at: number;
  /** Where the deepest step of the path that was sought begins. */
  found: number;
  /** Where each entry of the value's own field `items` begins. */
  items: number[] = [];
  /** What is left of the path that is sought; undefined beside its way. */
  #want: FieldPath | undefined;
  #inItems = false;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
    this.#space();
    this.found = this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  atEnd(): boolean {
    this.#space();
    return this.#at >= this.#text.length;
  }

  /** Reads one value and keeps in {@link found} how far the path leads. */
  seek(path: FieldPath): void {
    this.#want = path;
    this.value(0);
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Fault(this.#at, `nested more than ${MAX_DEPTH} levels deep`, false);
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    const token = this.#match(WORD) ?? this.#match(NUMBER);
    if (token === undefined) throw new Fault(this.#at, 'not JSON: a value is missing here', true);
    return JSON.parse(token);
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#skip('}')) return object;
    do {
      this.#space();
      const start = this.#at;
      if (this.#text[start] !== '"') throw new Fault(start, 'not JSON: a quoted key is missing here', true);
      const key = this.#string();
      if (Object.hasOwn(object, key)) throw new Fault(start, 'duplicate key: the object has this key already', false);
      this.#space();
      if (!this.#skip(':')) throw new Fault(this.#at, 'not JSON: ":" is missing here', true);
      this.#inItems = depth === 0 && key === 'items';
      setField(object, key, this.#step(key, start, depth));
      this.#space();
    } while (this.#skip(','));
    if (!this.#skip('}')) throw new Fault(this.#at, 'not JSON: "," or "}" is missing here', true);
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    const listed = this.#inItems && depth === 1;
    this.#at++;
    this.#space();
    if (this.#skip(']')) return array;
    do {
      this.#space();
      if (listed) this.items.push(this.#at);
      array.push(this.#step(array.length, this.#at, depth));
      this.#space();
    } while (this.#skip(','));
    if (!this.#skip(']')) throw new Fault(this.#at, 'not JSON: "," or "]" is missing here', true);
    return array;
  }

  /** Reads the value under a key or index, on the way of the sought path or beside it. */
  #step(step: string | number, start: number, depth: number): unknown {
    const outer = this.#want;
    const onWay = outer !== undefined && outer.length > 0 && outer[0] === step;
    if (onWay) this.found = start;
    this.#want = onWay ? outer.slice(1) : undefined;
    const value = this.value(depth + 1);
    this.#want = outer;
    return value;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (end >= 0 && this.#escaped(end, start));
    if (end < 0) throw new Fault(start, 'not JSON: a text has no end', true);
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1));
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new Fault(start, 'not JSON: a control character or escape that JSON has not', true);
      throw error;
    }
  }

  /** Whether an odd number of backslashes stands before the offset. */
  #escaped(offset: number, start: number): boolean {
    let at = offset - 1;
    while (at > start && this.#text[at] === '\\') at--;
    return (offset - 1 - at) % 2 === 1;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0];
    if (token !== undefined) this.#at += token.length;
    return token;
  }
}
