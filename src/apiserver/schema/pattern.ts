/**
 * Regular expressions of schemas and rules: RE2's in Kubernetes, JavaScript's here. What the two have in common is what CRDs use; RE2's inline
 * flags (`(?i)`) and `\z`, `\A`, `\Q…\E` are read as what they mean.
 */

/** Undefined where the text is no regular expression. */
export function compilePattern(text: string): RegExp | undefined {
  let flags = 'u';
  let source = text;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  if (inline !== null) {
    flags += [...new Set(inline[1])].join('');
    source = source.slice(inline[0].length);
  }
  source = source
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .replace(/\\z/g, '$')
    .replace(/\\A/g, '^')
    .replace(/\(\?P</g, '(?<')
    .replace(/\[\[:(alpha|digit|alnum|upper|lower|space):\]\]/g, (_, name: string) => `[${POSIX[name]}]`);
  for (const attempt of [flags, flags.replace('u', '')]) {
    try {
      return new RegExp(source, attempt);
    } catch {
      // The Unicode mode refuses escapes that need none (`\-`), which RE2 takes.
    }
  }
  return undefined;
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
};
