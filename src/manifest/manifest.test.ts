import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../config/problem.ts';
import { MAX_TEXT_LENGTH, parseManifests } from './manifest.ts';

function read(text: string) {
  const result = parseManifests('f.yaml', text);
  if (!result.ok) throw new Error(`${result.error.line}:${result.error.column} ${result.error.message}`);
  return result.value.documents;
}

const values = (text: string) => read(text).map((document) => document.value);
const at = (text: string, path: FieldPath, document = 0) => {
  const place = read(text)[document]?.locate(path);
  return `${place?.line}:${place?.column}`;
};
const failure = (text: string) => {
  const result = parseManifests('f.yaml', text);
  return result.ok ? undefined : `${result.error.line}:${result.error.column} ${result.error.message}`;
};

describe('parseManifests', () => {
  it('reads several documents and skips the empty ones', () => {
    expect(values('---\n# nothing\n---\na: 1\n---\n\n---\nb: 2\n---\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('allows a byte order mark, CRLF, directives and document ends', () => {
    expect(values('\ufeffa: 1\r\n---\r\nb: x\r\n')).toEqual([{ a: 1 }, { b: 'x' }]);
    expect(values('%YAML 1.1\n---\na: yes\n...\n---\nb: no\n')).toEqual([{ a: true }, { b: false }]);
  });

  it('does not take a marker inside of a text for one', () => {
    expect(values('a: |\n  x\n  --- y\nb: "--- z"\n')).toEqual([{ a: 'x\n--- y\n', b: '--- z' }]);
  });

  it('keeps quoted scalars as text and resolves plain ones', () => {
    expect(values('a: "yes"\nb: yes\nc: \'1\'\nd: 1\ne: !!str 5\n')).toEqual([
      { a: 'yes', b: true, c: '1', d: 1, e: '5' },
    ]);
  });

  it('writes keys as text, as JSON has them', () => {
    expect(values('yes: 1\n0x10: 2\n')).toEqual([{ true: 1, 16: 2 }]);
  });

  it('follows aliases and merge keys, in which own fields win', () => {
    const text = 'base: &b {x: 1, z: 2}\na: *b\nc:\n  <<: *b\n  z: 3\n';
    expect(values(text)).toEqual([{ base: { x: 1, z: 2 }, a: { x: 1, z: 2 }, c: { x: 1, z: 3 } }]);
    expect(at(text, ['c', 'x'])).toBe('1:11');
    expect(at(text, ['c', 'z'])).toBe('5:3');
  });

  it('reads JSON, also several values, and falls back to YAML flow mappings', () => {
    expect(values('{"a": [1, "\\u0041", null, true]}\n{"b": -1.5e2}')).toEqual([
      { a: [1, 'A', null, true] },
      { b: -150 },
    ]);
    expect(values('{a: yes, b: [x]}')).toEqual([{ a: true, b: ['x'] }]);
  });

  it('reads a field named __proto__ as a field', () => {
    for (const text of ['{"__proto__": {"polluted": true}}', '__proto__:\n  polluted: true\n']) {
      const [value] = values(text);
      expect(Object.keys(value as object)).toEqual(['__proto__']);
      expect((value as { polluted?: unknown }).polluted).toBeUndefined();
    }
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', '3:1 duplicate key'],
    ['s:\n  yes: 1\n  "true": 2\n', '3:3 duplicate key'],
    ['{"a": 1,\n "a": 2}', '2:2 duplicate key'],
    ['ok: 1\n---\na: [\n', '4:1 not YAML'],
    ['a: *nowhere\n', '1:4 not YAML'],
    ['a: &a [*a]\n', '1:8 not YAML'],
    ['? [a]\n: b\n', '1:3 not YAML that JSON'],
    ['a: b: c\n', '1:4 not YAML'],
    ['\tx: 1\n', '1:1 not YAML'],
  ])('refuses %j', (text, message) => {
    expect(failure(text)).toMatch(new RegExp(`^${message.replaceAll('?', '\\?')}`));
  });

  it('quotes nothing of the text in a failure', () => {
    for (const text of [
      'password: "canary\\q"',
      'password: *canary',
      'password: !canary [',
      '@canary',
      'a: canary: b',
      '%canary\n---\na: ]canary',
    ])
      expect(failure(text) ?? '').not.toContain('canary');
  });

  it('ends aliases that unfold without bound, nesting without end and texts without end', () => {
    const laughs = ['a0: &a0 [x]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)];
    expect(failure(laughs.join('\n'))).toContain('aliases stand for more than');
    expect(failure('['.repeat(50_000))).toContain('nested more than');
    expect(failure(`{"a":${'['.repeat(50_000)}`)).toContain('nested more than');
    expect(failure('- '.repeat(1_000))).toContain('nested more than');
    expect(failure('x'.repeat(MAX_TEXT_LENGTH + 1))).toContain('longer than 64 MiB');
  });

  it('reads a mapping of 50,000 keys in one pass over it', () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: v`).join('\n');
    expect(Object.keys(values(text)[0] as object)).toHaveLength(50_000);
  });
});

describe('locate', () => {
  const yaml = 'kind: A\nspec:\n  localPref: 1\n  list:\n    - x\n    - {z: 1}\n---\n\n# comment\nkind: B\nspec: {}\n';

  it.each([
    [['spec', 'localPref'], 0, '3:3'],
    [['spec', 'list', 1], 0, '6:7'],
    [['spec', 'list', 1, 'z'], 0, '6:8'],
    [['spec', 'missing', 'deeper'], 0, '2:1'],
    [['spec', 'list', 7], 0, '4:3'],
    [[], 0, '1:1'],
    [[], 1, '10:1'],
    [['spec', 'x'], 1, '11:1'],
  ] as const)('finds %j of document %i at %s', (path, document, place) => {
    expect(at(yaml, path, document)).toBe(place);
  });

  it('is exact in JSON too', () => {
    const json = '{\n  "kind": "List",\n  "items": [\n    {"kind": "A"},\n    {"spec": {"x": "}"}}\n  ]\n}\n';
    expect(at(json, ['items', 1, 'spec', 'x'])).toBe('5:15');
    expect(at(json, ['items', 0, 'spec'])).toBe('4:5');
    expect(at(`{"a":1}\n${json}`, ['items', 1], 1)).toBe('6:5');
  });
});

describe('locate in a list with a fault in each entry', () => {
  it.each(['json', 'yaml'])('takes no second look at the whole list: %s', (form) => {
    const items = Array.from({ length: 4_000 }, (_, i) => ({ kind: 'A', metadata: { name: `n${i}` }, spec: { x: i } }));
    const json = JSON.stringify({ kind: 'List', other: { items: [1] }, items }, null, 1);
    const yaml = `kind: List\nitems:\n${items.map((i) => `- kind: A\n  metadata: {name: ${i.metadata.name}}\n  spec:\n    x: 1\n`).join('')}`;
    const text = form === 'json' ? json : yaml;
    const [document] = read(text);
    const started = performance.now();
    const lines = items.map((_, i) => document?.locate(['items', i, 'spec', 'x']).line ?? 0);
    expect(new Set(lines.slice(1).map((line, i) => line - (lines[i] ?? 0)))).toEqual(
      new Set([form === 'json' ? 9 : 4]),
    );
    // One look at the whole list for each entry would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(document?.locate(['other', 'items', 0]).line).toBe(form === 'json' ? 5 : 1);
  });
});

describe('any text', () => {
  const fragment = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '---\n',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '|',
    '>',
    '#',
    '!!str ',
    '%',
    '\t',
    '\r',
    '<<',
    '1',
    'null',
    '?',
    '\\',
    '\u0000',
    '\ufeff',
    '...\n',
  );

  it('gives a Result, and positions inside of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fragment, { maxLength: 40 }).map((f) => f.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const result = parseManifests('f', text);
          const lines = text.split('\n').length;
          if (result.ok)
            for (const { locate } of result.value.documents) expect(locate(['a', 0]).line).toBeLessThanOrEqual(lines);
          else expect(result.error.line).toBeLessThanOrEqual(lines);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('reads what JSON.stringify writes, with or without indentation, as JSON and inside of YAML', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => value !== null);
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify({ value }, null, indent);
        const plain = JSON.parse(text);
        expect(values(text)).toEqual([plain]);
        expect(values(`---\n- ${JSON.stringify(plain).replaceAll('\u007f', '')}`)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
