/**
 * The JSON of a list, taken apart without being parsed: what is around the items, and each item's text.
 *
 * A page of 500 objects that is parsed in one go is megabytes of garbage, most of which outlives V8's nursery and then lies between what is
 * kept. Item by item none does. The parts are parsed by JSON.parse as the whole would be: where they are JSON, so is the whole.
 */

export interface ListText {
  /** The list with `"items":[]`. */
  readonly rest: string;
  readonly items: readonly string[];
}

const [QUOTE, BACKSLASH, COMMA, COLON] = ['"', '\\', ',', ':'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = ['{', '}', '[', ']'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

/** Null where there is no array `items` at the top; such a text, and one that is no JSON, is for JSON.parse to judge. */
export function takeApart(text: string): ListText | null {
  const start = startOfItems(text);
  if (start < 0) return null;
  const items: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        if (at < 0) return null;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case COMMA:
        if (depth > 0) break;
        items.push(text.slice(from, at));
        from = at + 1;
        break;
      case CLOSE_BRACE:
        depth--;
        break;
      case CLOSE_BRACKET:
        if (depth-- > 0) break;
        // `[]` has no item; `[1,]` has an empty one, which is no JSON.
        if (items.length > 0 || text.slice(from, at).trim() !== '') items.push(text.slice(from, at));
        return { rest: `${text.slice(0, start)}[]${text.slice(at + 1)}`, items };
    }
  }
  return null;
}

/** Where the array of the key `items` begins; -1 where there is none. */
function startOfItems(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (end < 0) return -1;
        const isItems = depth === 1 && text.slice(at + 1, end) === 'items';
        at = end;
        if (!isItems) break;
        const colon = skipSpace(text, end + 1);
        if (text.charCodeAt(colon) !== COLON) break;
        const value = skipSpace(text, colon + 1);
        return text.charCodeAt(value) === OPEN_BRACKET ? value : -1;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
    }
  }
  return -1;
}

/** The quote that ends the string which begins here; -1 where none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return -1;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++;
  return at;
}
