/** The tokens of CEL (Common Expression Language specification, section Syntax). */

export type Token =
  | { readonly type: 'int'; readonly value: bigint; readonly at: number }
  | { readonly type: 'double'; readonly value: number; readonly at: number }
  | { readonly type: 'string'; readonly value: string; readonly at: number }
  | { readonly type: 'name' | 'operator' | 'end'; readonly value: string; readonly at: number };

/** Thrown for a text that is no expression; {@link compileCel} turns it into its answer. */
export class CelSyntaxError extends Error {
  override readonly name = 'CelSyntaxError';
}

const SPACE = /(?:[\s]|\/\/[^\n]*)+/y;
const NUMBER = /(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)(u?)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const TEXT = /([rR]?)("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/y;
/** A raw text ends at the first quote: a backslash is itself. */
const RAW = /[rR](?:"([^"\n]*)"|'([^'\n]*)')/y;
const OPERATOR = /&&|\|\||[=!<>]=|[-+*/%!<>?:.,()[\]{}]/y;

/** @throws CelSyntaxError */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  for (;;) {
    take(SPACE);
    const start = at;
    if (at >= text.length) return [...tokens, { type: 'end', value: '', at }];
    const raw = take(RAW);
    if (raw !== null) {
      tokens.push({ type: 'string', value: raw[1] ?? raw[2] ?? '', at: start });
      continue;
    }
    const quoted = take(TEXT);
    if (quoted !== null) {
      const [, prefix, literal] = quoted as unknown as [string, string, string];
      const width = /^(?:"""|''')/.test(literal) ? 3 : 1;
      const inside = literal.slice(width, -width);
      tokens.push({ type: 'string', value: prefix === '' ? unescaped(inside, start) : inside, at: start });
      continue;
    }
    const number = take(NUMBER);
    if (number !== null) {
      tokens.push(numberToken(number[0], number[1] === 'u', start));
      continue;
    }
    const name = take(NAME);
    if (name !== null) {
      tokens.push({ type: 'name', value: name[0], at: start });
      continue;
    }
    const operator = take(OPERATOR);
    if (operator === null) throw new CelSyntaxError(`unexpected ${JSON.stringify(text[at])} at offset ${at}`);
    tokens.push({ type: 'operator', value: operator[0], at: start });
  }
}

function numberToken(text: string, unsigned: boolean, at: number): Token {
  if (unsigned) throw new CelSyntaxError(`unsigned numbers are not supported: ${text} at offset ${at}`);
  return /^0x|^\d+$/.test(text)
    ? { type: 'int', value: BigInt(text), at }
    : { type: 'double', value: Number(text), at };
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g;

function unescaped(text: string, at: number): string {
  return text.replace(ESCAPE, (_, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? long;
    const code = hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : -1;
    if (code > 0x10ffff) throw new CelSyntaxError(`no such character in the text at offset ${at}`);
    if (code >= 0) return String.fromCodePoint(code);
    if (other !== undefined && Object.hasOwn(ESCAPES, other)) return ESCAPES[other] as string;
    if (other !== undefined && /["'`\\?]/.test(other)) return other;
    throw new CelSyntaxError(`no such escape in the text at offset ${at}: \\${other}`);
  });
}
