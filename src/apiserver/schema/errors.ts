/**
 * The words in which Kubernetes refuses a custom resource's value: those of its schema checks (kube-openapi: pkg/validation/errors), put into those
 * of field errors (apimachinery: field.Error).
 */
import type { FieldError } from '../status.ts';
import { goFloat } from './go-float.ts';

/** The text of a value in a message (field.Error.ErrorBody). */
const shown = (value: unknown): string =>
  typeof value === 'number'
    ? Number.isInteger(value)
      ? String(value)
      : goFloat(value)
    : (JSON.stringify(value) ?? 'null');

/** Says of what is not about one field alone, such as a failed anyOf, as Kubernetes does: without a field. */
export const NO_FIELD = '<nil>';

const fieldOf = (path: string): string => (path === '' ? NO_FIELD : path);

const error = (reason: FieldError['reason'], path: string, message: string): FieldError => ({
  reason,
  field: fieldOf(path),
  message,
});

/** @param name - what the message calls the value: its path */
const inBody = (path: string, rest: string): string => `${path === '' ? '' : path} in body ${rest}`.trimStart();

export const wrongType = (path: string, wanted: string, found: string): FieldError =>
  error(
    'FieldValueTypeInvalid',
    path,
    `Invalid value: ${JSON.stringify(found)}: ${inBody(path, `must be of type ${wanted}: ${JSON.stringify(found)}`)}`,
  );

/** @param rest - `should be less than or equal to 16384` */
export const wrongValue = (path: string, value: unknown, rest: string): FieldError =>
  error('FieldValueInvalid', path, `Invalid value: ${shown(value)}: ${inBody(path, rest)}`);

/** What fails a rule or a check across fields; `value` is left out for objects and lists. */
export const wrong = (
  path: string,
  value: unknown,
  why: string,
  reason: FieldError['reason'] = 'FieldValueInvalid',
): FieldError => {
  const said = typeof value === 'object' && value !== null ? '' : `: ${shown(value)}`;
  switch (reason) {
    case 'FieldValueForbidden':
      return error(reason, path, `Forbidden: ${why}`);
    case 'FieldValueRequired':
      return error(reason, path, `Required value: ${why}`);
    case 'FieldValueDuplicate':
      return error(reason, path, `Duplicate value${said}`);
    default:
      return error(reason, path, `Invalid value${said}: ${why}`);
  }
};

export const missing = (path: string): FieldError => error('FieldValueRequired', path, 'Required value');

export const unsupported = (path: string, value: unknown, supported: readonly unknown[]): FieldError =>
  error(
    'FieldValueNotSupported',
    path,
    `Unsupported value: ${shown(value)}: supported values: ${supported
      .map((entry) => JSON.stringify(typeof entry === 'string' ? entry : JSON.stringify(entry)))
      .join(', ')}`,
  );

export const tooLong = (path: string, limit: number): FieldError =>
  error('FieldValueTooLong', path, `Too long: may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`);

export const tooMany = (path: string, count: number, limit: number): FieldError =>
  error('FieldValueTooMany', path, `Too many: ${count}: must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`);

export const duplicated = (path: string, value: unknown): FieldError =>
  error('FieldValueDuplicate', path, `Duplicate value: ${shown(value)}`);

/** Of what Kubernetes reports without naming a field. */
export const unplaced = (why: string, value = '""'): FieldError =>
  error('FieldValueInvalid', '', `Invalid value: ${value}: ${why}`);
