/**
 * JSON paths of printer columns: the simple ones that a CustomResourceDefinition may name (client-go: util/jsonpath): fields (`.spec.a`,
 * `['a.b']`, `.metadata.annotations.example\.org/x`), items (`[0]`, `[-1]`, `[*]`), and items by one field (`[?(@.type=="Ready")]`).
 *
 * Deliberately not: slices, unions, recursive descent, which no column of one value needs.
 */
import { isObject, sameJson } from '../json.ts';

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'item'; readonly index: number }
  | { readonly type: 'all' }
  | { readonly type: 'filter'; readonly path: readonly Step[]; readonly value: unknown; readonly equal: boolean };

export type JsonPath = readonly Step[];

const FIELD = /\.((?:\\.|[^.[\]\\])+)/y;
const QUOTED = /\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/y;
const ITEM = /\[(-?\d{1,9})\]/y;
const ALL = /\[\*\]|\.\*/y;
const FILTER = /\[\?\(\s*@((?:\.[A-Za-z_][\w-]*)+)\s*(==|!=)\s*("[^"]*"|'[^']*'|-?\d+|true|false)\s*\)\]/y;

/** Undefined where the text is no path that is understood here. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  while (at < text.length) {
    if (take(ALL) !== null) {
      steps.push({ type: 'all' });
      continue;
    }
    const name = take(FIELD) ?? take(QUOTED);
    if (name !== null) {
      steps.push({ type: 'field', name: (name[1] ?? name[2] ?? '').replace(/\\(.)/g, '$1') });
      continue;
    }
    const item = take(ITEM);
    if (item !== null) {
      steps.push({ type: 'item', index: Number(item[1]) });
      continue;
    }
    const filter = take(FILTER);
    if (filter === null) return undefined;
    const [, path = '', operator, value = ''] = filter;
    steps.push({
      type: 'filter',
      path: parseJsonPath(path) ?? [],
      value: value.startsWith("'") ? value.slice(1, -1) : JSON.parse(value),
      equal: operator === '==',
    });
  }
  return steps.length === 0 ? undefined : steps;
}

/** All that a path leads to. */
export function valuesAt(value: unknown, path: JsonPath): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const step of path) found = found.flatMap((from) => follow(from, step));
  return found;
}

function follow(value: unknown, step: Step): readonly unknown[] {
  switch (step.type) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'item': {
      if (!Array.isArray(value)) return [];
      const index = step.index < 0 ? value.length + step.index : step.index;
      return index in value ? [value[index]] : [];
    }
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'filter':
      if (!Array.isArray(value)) return [];
      return value.filter(
        (item) => valuesAt(item, step.path).some((found) => sameJson(found, step.value)) === step.equal,
      );
  }
}
