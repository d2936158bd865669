/** The columns of custom resources: the name, and `additionalPrinterColumns` (apiextensions-apiserver: customresource/tableconvertor). */
import type { ApiObject, PrinterColumn, VersionDefinition } from '../types.ts';
import { age } from './age.ts';
import { type Entry, entry, type Layout, layout, NAME } from './columns.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';

/** Of a definition that names no columns. */
const DEFAULT: readonly PrinterColumn[] = [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }];

const layouts = new WeakMap<VersionDefinition, Layout>();

export function customLayout(version: VersionDefinition): Layout {
  let found = layouts.get(version);
  if (found === undefined) {
    const columns = version.printerColumns.length === 0 ? DEFAULT : version.printerColumns;
    found = layout(NAME, ...columns.map(entryOf));
    layouts.set(version, found);
  }
  return found;
}

function entryOf({ name, type, format = '', description = '', priority = 0, jsonPath }: PrinterColumn): Entry {
  const path = parseJsonPath(jsonPath);
  const cell = (object: ApiObject, nowMs: number): unknown =>
    path === undefined ? null : cellOf(type, valuesAt(object, path)[0], nowMs);
  return entry(name, cell, {
    type,
    format,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
  });
}

/** A value in a column of this type; null, which kubectl leaves empty, where it is of another one. */
function cellOf(type: string, value: unknown, nowMs: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : age(value, nowMs);
    default:
      return null;
  }
}
