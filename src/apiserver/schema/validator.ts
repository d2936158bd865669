/** Schemas of custom resources, as the server's core asks for them: refused where they are not structural, then pruned, defaulted and validated by. */
import { isObject } from '../json.ts';
import type { FieldError } from '../status.ts';
import type { ApiObject, Json, Validator } from '../types.ts';
import { checkSchema } from './check-schema.ts';
import { unplaced } from './errors.ts';
import { prepare } from './prepare.ts';
import { checkRules } from './rules-check.ts';
import { schemaNode } from './schema-node.ts';
import { checkValue } from './validate.ts';

/** Errors after which rules are not asked: they could not make sense of such a value (customresource/strategy.go: hasBlockingErr). */
const BLOCKING: readonly FieldError['reason'][] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];

const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

export const schemaValidator: Validator = {
  checkSchema,
  prepare: (schema, object) => prepare(schemaNode(schema), object),
  validate(schema, object, old) {
    const node = schemaNode(schema);
    const [value, before] = [judged(object), old === null ? undefined : judged(old)];
    const errors = checkValue(value, before, node, '');
    if (!node.hasRules) return errors;
    if (errors.some(({ reason }) => BLOCKING.includes(reason))) return [...errors, unplaced(UNCHECKED, 'null')];
    return [...errors, ...checkRules(value, before, node, '')];
  },
};

/** The object with what of its metadata a schema may speak of: the rest is judged where every object's is. */
function judged(object: ApiObject): Json {
  const { name, generateName } = object.metadata;
  const metadata = isObject(object.metadata)
    ? { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) }
    : {};
  return { ...object, metadata };
}
