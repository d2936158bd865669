/**
 * `# metallb-lint-disable RULE reason` in YAML: which findings a comment is about.
 *
 * A comment on a line of its own is about what begins on the next line that has something: the whole object where that is the object's
 * first line (or the first line of an entry of a list of objects), else the field or the entry of a list, with everything inside. A comment
 * behind something is about what begins on its own line. JSON has no comments. What the comments come to is lint's business.
 *
 * Comments are found in the concrete syntax, so that the same words inside a text are a text. Nothing is parsed where the words do not occur.
 */
import { type CST, Parser } from 'yaml';
import type { Position } from '../config/problem.ts';
import type { TextPositions } from './document.ts';

/** One comment, and the part of the file that it is about. */
export interface DisableComment {
  /** As written; empty where the comment names none. */
  readonly rule: string;
  /** Empty where none is given. */
  readonly reason: string;
  readonly position: Position;
  /** From here on. */
  readonly from: Position;
  /** Up to here, and not including it. */
  readonly to: Position;
}

const WORD = 'metallb-lint-disable';
const COMMENT = new RegExp(`^#+\\s*${WORD}(?=\\s|$)\\s*(\\S*)\\s*(.*)$`);

/** The comments of a text, in their order. Never throws. */
export function disableComments(text: string, positions: TextPositions): readonly DisableComment[] {
  if (!text.includes(WORD)) return [];
  const found = new Syntax(text);
  return found.comments.flatMap(({ offset, source }) => {
    const match = COMMENT.exec(source.trimEnd());
    if (match === null) return [];
    const target = found.targetOf(offset);
    return [
      {
        rule: match[1] ?? '',
        reason: match[2] ?? '',
        position: positions.at(offset),
        from: positions.at(target?.start ?? offset),
        to: positions.at(target?.end ?? offset),
      },
    ];
  });
}

/** A field, an entry of a list, or an object, by the offsets at which it begins and ends. */
interface Target {
  readonly start: number;
  readonly end: number;
}

/** The comments of a text and what they may be about. */
class Syntax {
  readonly comments: CST.SourceToken[] = [];
  readonly #text: string;
  /** Ascending by start; of two that begin together the larger one first. */
  readonly #targets: Target[] = [];

  constructor(text: string) {
    this.#text = text;
    let end = text.length;
    for (const token of [...new Parser().parse(text)].reverse()) {
      if (token.type !== 'document') {
        if (token.type === 'comment') this.comments.push(token);
        continue;
      }
      this.#tokens(token.start);
      this.#tokens(token.end);
      if (token.value === undefined) continue; // only blanks and comments
      this.#targets.push({ start: token.value.offset, end });
      this.#value(token.value, end, true);
      end = token.offset;
    }
    this.comments.sort((a, b) => a.offset - b.offset);
    this.#targets.sort((a, b) => a.start - b.start || b.end - a.end);
  }

  targetOf(comment: number): Target | undefined {
    const line = this.#text.lastIndexOf('\n', comment - 1) + 1;
    const alone = /^(?:---)?\s*$/.test(this.#text.slice(line, comment));
    if (alone) return this.#targets.find(({ start }) => start > comment);
    const own = this.#targets.find(({ start }) => start >= line && start < comment);
    return own ?? this.#targets.findLast(({ start, end }) => start < comment && comment < end);
  }

  /** @param end - where what follows the value begins. */
  #value(token: CST.Token, end: number, isRoot = false): void {
    if ('props' in token) this.#tokens(token.props);
    if ('end' in token) this.#tokens(token.end);
    if (!('items' in token)) return;
    const inner = token.type === 'flow-collection' ? (token.end[0]?.offset ?? end) : end;
    let next = inner;
    for (const item of [...token.items].reverse()) {
      this.#tokens(item.start);
      this.#tokens(item.sep);
      const { key, value } = item;
      if (key) this.#value(key, next);
      if (value) {
        const isItems = isRoot && key != null && 'source' in key && /^["']?items["']?$/.test(key.source);
        if (isItems) this.#objects(value, next);
        this.#value(value, next);
      }
      const start = startOf(item);
      if (start === undefined) continue;
      this.#targets.push({ start, end: next });
      next = start;
    }
  }

  /** The objects of a list: an entry's first line is the object's. */
  #objects(list: CST.Token, end: number): void {
    if (!('items' in list)) return;
    const starts = list.items.flatMap(({ value }) => (value ? [value.offset] : []));
    for (const [i, start] of starts.entries()) this.#targets.push({ start, end: starts[i + 1] ?? end });
  }

  #tokens(tokens: readonly CST.Token[] | undefined): void {
    for (const token of tokens ?? []) if (token.type === 'comment') this.comments.push(token as CST.SourceToken);
  }
}

const BLANK = new Set(['space', 'newline', 'comment', 'comma']);

/** Where a field or an entry begins: at its dash, its key or its value. */
function startOf(item: CST.CollectionItem): number | undefined {
  const first = item.start.find(({ type }) => !BLANK.has(type));
  return first?.offset ?? item.key?.offset ?? item.sep?.[0]?.offset ?? item.value?.offset;
}
