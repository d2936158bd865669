import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifests } from './manifest.ts';

const disables = (text: string) => {
  const parsed = parseManifests('a.yaml', text);
  return parsed.ok ? parsed.value.disables : [];
};

/** What each comment is about, as text. */
const about = (text: string): readonly string[] => {
  const lines = text.split('\n');
  return disables(text).map(({ rule, from, to }) => {
    const part = lines.slice(from.line - 1, to.line);
    if (part.length === 0) return `${rule}: nothing`;
    const last = part.length - 1;
    part[last] = (part[last] ?? '').slice(0, to.column - 1);
    part[0] = (part[0] ?? '').slice(from.column - 1);
    return `${rule}: ${part.join('\n').replace(/#.*$/gm, '').replace(/\s+/g, ' ').trim()}`;
  });
};

describe('a comment that silences lint', () => {
  it('has a rule, a reason and a place', () => {
    expect(disables('a: 1\n  # metallb-lint-disable no-bfd  the lab needs none \nb: 2\n')).toEqual([
      {
        rule: 'no-bfd',
        reason: 'the lab needs none',
        position: { file: 'a.yaml', line: 2, column: 3 },
        from: { file: 'a.yaml', line: 3, column: 1 },
        to: { file: 'a.yaml', line: 4, column: 1 },
      },
    ]);
    expect(disables('# metallb-lint-disable\na: 1\n')).toMatchObject([{ rule: '', reason: '' }]);
    expect(disables('# metallb-lint-disable x\na: 1\n')).toMatchObject([{ rule: 'x', reason: '' }]);
  });

  it('is about the whole object on its first line, also of a list of objects', () => {
    expect(about('# metallb-lint-disable x y\nkind: A\nspec: {b: 1}\n---\nkind: B\n')).toEqual([
      'x: kind: A spec: {b: 1}',
    ]);
    expect(about('kind: A\n---\n# metallb-lint-disable x y\n\n# more\nkind: B\nspec: 1\n')).toEqual([
      'x: kind: B spec: 1',
    ]);
    expect(about('kind: A\n# metallb-lint-disable x y\n---\nkind: B\n')).toEqual(['x: kind: B']);
    expect(about('kind: List\nitems:\n# metallb-lint-disable x y\n- kind: A\n  spec: 1\n- kind: B\n')).toEqual([
      'x: - kind: A spec: 1',
    ]);
    expect(about('kind: List\nitems:\n  -\n    # metallb-lint-disable x y\n    kind: A\n    spec: 1\n')).toEqual([
      'x: kind: A spec: 1',
    ]);
  });

  it('is about a field, an entry, and everything inside', () => {
    expect(about('kind: A\nspec:\n  # metallb-lint-disable x y\n  first: 1\n  second: 2\n')).toEqual(['x: first: 1']);
    expect(about('a:\n  # metallb-lint-disable x y\n  b:\n    - 1\n    - 2\nc: 3\n')).toEqual(['x: b: - 1 - 2']);
    expect(about('a:\n  - 1\n  # metallb-lint-disable x y\n  - {b: 2}\n  - 3\n')).toEqual(['x: - {b: 2}']);
    expect(about('a: [1,\n  # metallb-lint-disable x y\n  2, 3]\n')).toEqual(['x: 2,']);
  });

  it('is about what begins on its own line where it stands behind something', () => {
    expect(about('kind: A\nspec:\n  b: 1 # metallb-lint-disable x y\n  c: 2\n')).toEqual(['x: b: 1']);
    expect(about('kind: A\nb: # metallb-lint-disable x y\n  - 1\nc: 2\n')).toEqual(['x: b: - 1']);
    expect(about('a: 1\n--- # metallb-lint-disable x y\nkind: B\n')).toEqual(['x: kind: B']);
  });

  it('stacks, and may be about nothing', () => {
    const both = 'a: 0\n# metallb-lint-disable x y\n# metallb-lint-disable z y\nb: 1\n';
    expect(about(both)).toEqual(['x: b: 1', 'z: b: 1']);
    expect(about('a: 1\n# metallb-lint-disable x y\n')).toEqual(['x: ']);
  });

  it('is a comment only: the same words in a text, in a block or in JSON are none, and near words neither', () => {
    expect(disables('a: "# metallb-lint-disable x y"\n')).toEqual([]);
    expect(disables('a: |\n  # metallb-lint-disable x y\n')).toEqual([]);
    expect(disables('{"a": "# metallb-lint-disable x y"}')).toEqual([]);
    expect(disables('# metallb-lint-disables x y\n# see metallb-lint-disable x y\na: 1\n')).toEqual([]);
  });

  it('never throws, whatever stands around it', () => {
    const piece = fc.constantFrom(
      'a: 1',
      '- b',
      '{',
      '}',
      '[',
      '|',
      '"',
      '---',
      '  ',
      '\n',
      '# metallb-lint-disable x y',
      ': ',
      '&a',
      '*a',
      '? ',
      '!t',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const { from, to } of disables(pieces.join('\n')))
          expect(from.line < to.line || (from.line === to.line && from.column <= to.column)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
