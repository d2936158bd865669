/**
 * `x-kubernetes-validations`: the rules of a schema, asked of an object (apiextensions-apiserver: pkg/apiserver/schema/cel).
 *
 * A rule that looks at `oldSelf` is a transition rule: it is asked only where there is an old value that is the same one, by field or by the keys
 * of a list of type map. With optionalOldSelf it is asked always, and `oldSelf` is an optional.
 */
import { isObject, sameJson } from '../json.ts';
import type { FieldError } from '../status.ts';
import { fromJson, Optional, type Value } from './cel/values.ts';
import { wrong } from './errors.ts';
import { fieldPath, indexPath, keyPath } from './path.ts';
import type { Rule } from './rules.ts';
import type { SchemaNode } from './schema-node.ts';
import { oldItem } from './validate.ts';

export function checkRules(value: unknown, old: unknown, schema: SchemaNode, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  visit(value, old, schema, path, true, errors);
  return errors;
}

function visit(
  value: unknown,
  old: unknown,
  schema: SchemaNode,
  path: string,
  root: boolean,
  errors: FieldError[],
): void {
  if (!schema.hasRules || value === null || value === undefined) return;
  if (schema.rules.length > 0) {
    const self = fromJson(root ? withoutMetadata(value) : value, schema);
    const oldSelf = old === undefined || old === null ? undefined : fromJson(root ? withoutMetadata(old) : old, schema);
    const unchanged = old !== undefined && sameJson(value, old);
    for (const rule of schema.rules) checkRule(rule, self, oldSelf, unchanged, value, path, errors);
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== null)
      for (const [index, item] of value.entries())
        visit(item, oldItem(item, old, schema), items, indexPath(path, index), false, errors);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, content] of Object.entries(value)) {
    const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
    const property = schema.properties.get(name);
    if (property !== undefined) visit(content, before, property, fieldPath(path, name), false, errors);
    else if (schema.additional !== null) visit(content, before, schema.additional, keyPath(path, name), false, errors);
  }
}

/** Of an object's metadata rules see the name alone. */
function withoutMetadata(value: unknown): unknown {
  if (!isObject(value) || !isObject(value.metadata)) return value;
  const { name, generateName } = value.metadata;
  return {
    ...value,
    metadata: { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) },
  };
}

function checkRule(
  rule: Rule,
  self: Value,
  oldSelf: Value | undefined,
  unchanged: boolean,
  value: unknown,
  path: string,
  errors: FieldError[],
): void {
  const { program } = rule;
  const at = `${path}${rule.fieldPath}`.replace(/^\./, '');
  if (program === null) {
    errors.push(wrong(at, value, `rule compile error: ${rule.problem}`));
    return;
  }
  const transition = program.uses('oldSelf');
  if (transition && oldSelf === undefined && !rule.optionalOldSelf) return;
  // What was there before and stays as it was is let through; a transition is never something that was there before.
  if (!transition && unchanged) return;
  const variables: Record<string, Value> = { self };
  if (rule.optionalOldSelf) variables.oldSelf = new Optional(oldSelf);
  else if (oldSelf !== undefined) variables.oldSelf = oldSelf;
  const result = program.run(variables);
  if (result.ok && result.value === true) return;
  if (!result.ok) {
    errors.push(wrong(at, value, `${result.error} evaluating rule: ${rule.message}`));
    return;
  }
  const said = rule.messageExpression?.run(variables);
  const message = said?.ok && typeof said.value === 'string' && said.value.trim() !== '' ? said.value : rule.message;
  errors.push(wrong(at, value, message, rule.reason));
}
