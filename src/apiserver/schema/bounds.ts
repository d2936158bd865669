/** Numbers, lengths and counts that a schema bounds. */
import { isObject } from '../json.ts';
import type { FieldError } from '../status.ts';
import { tooLong, tooMany, unplaced, wrongValue } from './errors.ts';
import { goFloat } from './go-float.ts';
import type { SchemaNode } from './schema-node.ts';

export function checkBounds(value: unknown, schema: SchemaNode, path: string, errors: FieldError[]): void {
  const { bounds } = schema;
  if (typeof value === 'number') checkNumber(value, schema, path, errors);
  else if (typeof value === 'string') {
    if (bounds.maxLength === undefined && bounds.minLength === undefined) return;
    const length = [...value].length;
    if (bounds.maxLength !== undefined && length > bounds.maxLength) errors.push(tooLong(path, bounds.maxLength));
    if (bounds.minLength !== undefined && length < bounds.minLength)
      errors.push(wrongValue(path, value, `should be at least ${bounds.minLength} chars long`));
  } else if (Array.isArray(value)) {
    if (bounds.maxItems !== undefined && value.length > bounds.maxItems)
      errors.push(tooMany(path, value.length, bounds.maxItems));
    if (bounds.minItems !== undefined && value.length < bounds.minItems)
      errors.push(wrongValue(path, value.length, `should have at least ${bounds.minItems} items`));
  } else if (isObject(value)) {
    const count = Object.keys(value).length;
    if (bounds.maxProperties !== undefined && count > bounds.maxProperties)
      errors.push(tooMany(path, count, bounds.maxProperties));
    if (bounds.minProperties !== undefined && count < bounds.minProperties)
      errors.push(wrongValue(path, count, `should have at least ${bounds.minProperties} properties`));
  }
}

function checkNumber(value: number, schema: SchemaNode, path: string, errors: FieldError[]): void {
  const { bounds } = schema;
  if (schema.type === 'integer' && !isInRange(value, schema.format))
    errors.push(
      unplaced(
        schema.format === ''
          ? `Checked value must be of type integer (default format) in ${path}`
          : `Checked value must be of type integer with format ${schema.format} in ${path}`,
      ),
    );
  const says = (rest: string): void => void errors.push(wrongValue(path, value, rest));
  const { minimum, maximum, multipleOf } = bounds;
  if (maximum !== undefined && (bounds.exclusiveMaximum ? value >= maximum : value > maximum))
    says(`should be less than ${bounds.exclusiveMaximum ? '' : 'or equal to '}${goFloat(maximum)}`);
  if (minimum !== undefined && (bounds.exclusiveMinimum ? value <= minimum : value < minimum))
    says(`should be greater than ${bounds.exclusiveMinimum ? '' : 'or equal to '}${goFloat(minimum)}`);
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf))
    says(`should be a multiple of ${goFloat(multipleOf)}`);
}

/** JSON's numbers are exact up to 2^53 here: beyond it, int64 is judged by what is left of the value. */
function isInRange(value: number, format: string): boolean {
  if (format === 'int32') return value >= -0x8000_0000 && value <= 0x7fff_ffff;
  return value >= -(2 ** 63) && value < 2 ** 63;
}
