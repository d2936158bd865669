/** What a table is made of: the columns of a kind, and how a row's cells come about (metav1.TableColumnDefinition). */
import { objectAt, textAt } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { age } from './age.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0: always shown; more: with `-o wide`. */
  readonly priority: number;
}

/** The columns of a kind, and its rows. */
export interface Layout {
  readonly columns: readonly Column[];
  cells(object: ApiObject, nowMs: number): readonly unknown[];
}

/** One column with its cell. */
export interface Entry {
  readonly column: Column;
  readonly cell: (object: ApiObject, nowMs: number) => unknown;
}

export const entry = (name: string, cell: Entry['cell'], extra: Partial<Column> = {}): Entry => ({
  column: { name, type: 'string', format: '', description: name, priority: 0, ...extra },
  cell,
});

/** A column for `-o wide`. */
export const wide = (name: string, cell: Entry['cell'], extra: Partial<Column> = {}): Entry =>
  entry(name, cell, { priority: 1, ...extra });

export const layout = (...entries: readonly Entry[]): Layout => ({
  columns: entries.map(({ column }) => column),
  cells: (object, nowMs) => entries.map(({ cell }) => cell(object, nowMs)),
});

/** The name of an object, which kubectl finds by its format. */
export const NAME: Entry = entry('Name', (object) => object.metadata.name, {
  format: 'name',
  description: 'Name must be unique within a namespace.',
});

export const AGE: Entry = entry('Age', (object, nowMs) => age(object.metadata.creationTimestamp, nowMs), {
  description: 'How long ago the object was created.',
});

/** `a=b,c=d`, sorted; `<none>` where there is nothing. */
export function labelsText(value: unknown): string {
  const labels = objectAt({ value }, 'value');
  const texts = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${String(labels[key])}`);
  return texts.length === 0 ? '<none>' : texts.join(',');
}

/** A metav1.LabelSelector as kubectl shows it: `a=b,c in (d,e),!f`. */
export function selectorText(value: unknown): string {
  const parts = Object.entries(objectAt(value, 'matchLabels')).map(([key, text]) => ({
    key,
    text: `${key}=${String(text)}`,
  }));
  const expressions = objectAt({ value }, 'value').matchExpressions;
  for (const expression of Array.isArray(expressions) ? expressions : []) {
    const key = textAt(expression, 'key');
    const values: unknown = objectAt({ expression }, 'expression').values;
    const list = (Array.isArray(values) ? values.map(String) : []).sort().join(',');
    switch (textAt(expression, 'operator')) {
      case 'In':
        parts.push({ key, text: `${key} in (${list})` });
        break;
      case 'NotIn':
        parts.push({ key, text: `${key} notin (${list})` });
        break;
      case 'Exists':
        parts.push({ key, text: key });
        break;
      case 'DoesNotExist':
        parts.push({ key, text: `!${key}` });
        break;
      default:
        return '<error>';
    }
  }
  if (parts.length === 0) return '<none>';
  return parts
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

/** The number at a place; 0 where there is none. */
export const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
