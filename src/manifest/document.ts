/** One document of a manifest: its value as JSON, and where each part of it stands in the text. */
import type { FieldPath, Position } from '../config/problem.ts';

/** What the readers of YAML and of JSON make of a document. */
export interface TextDocument {
  /** JSON; null for an empty document. */
  readonly value: unknown;
  /**
   * The offset of the deepest node on the path that exists: of the key where the last step is a field, of the entry where it is an
   * index. The text is read again for it: a reader of 10,000 documents keeps no syntax trees for the one that has a fault.
   */
  offsetOf(path: FieldPath): number;
}

/** Where a text cannot be read, and why; the message quotes nothing of the text, which may hold a key. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** Deeper than any Kubernetes object nests; recursion stays far from the stack's end. */
export const MAX_DEPTH = 200;

/** Turns offsets into lines and columns; the table of lines is made when somebody asks. */
export class TextPositions {
  readonly #file: string;
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  at(offset: number): Position {
    this.#starts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.#file, line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Sets a field as JSON.parse does: also one named `__proto__` becomes an own field and nothing else. */
export function setField(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
