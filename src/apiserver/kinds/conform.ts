/**
 * Whether an object of a built-in kind has the fields of its kind, with values of their types: what decoding into Go's types does in a real API server.
 *
 * Unknown fields are dropped and told; a null is as nothing; a value of a wrong type is an error. Kinds that are not listed in messages.ts pass.
 */
import { isObject } from '../json.ts';
import type { ApiObject } from '../types.ts';
import { type Field, MESSAGES, type Message } from './messages.ts';

export interface Conformed {
  readonly object: ApiObject;
  /** `spec.adresses`, in the order of the object. */
  readonly unknown: readonly string[];
  /** Of the first value of a wrong type: `spec.ports must be a list`. */
  readonly wrongType: string | undefined;
}

/** Known to every object, and looked at where every object is. */
const OF_EVERY_OBJECT = ['apiVersion', 'kind', 'metadata'];

export function conform(object: ApiObject): Conformed {
  const message = MESSAGES.get(object.kind);
  if (message === undefined) return { object, unknown: [], wrongType: undefined };
  const walk = new Walk();
  const own: [string, unknown][] = [];
  const rest: [string, unknown][] = [];
  for (const entry of Object.entries(object)) (OF_EVERY_OBJECT.includes(entry[0]) ? own : rest).push(entry);
  const content = walk.message(Object.fromEntries(rest), message, '');
  return {
    object: { ...Object.fromEntries(own), ...(content as object) } as ApiObject,
    unknown: walk.unknown,
    wrongType: walk.wrongType,
  };
}

class Walk {
  readonly unknown: string[] = [];
  wrongType: string | undefined;

  message(value: unknown, message: Message, path: string): unknown {
    if (!isObject(value)) return this.#wrong(value, path, 'an object');
    const fields: [string, unknown][] = [];
    for (const [name, content] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      const field = message.byName.get(name);
      if (field === undefined) {
        if (message.open) fields.push([name, content]);
        else this.unknown.push(at);
      } else if (content !== null && content !== undefined) fields.push([name, this.#field(content, field, at)]);
    }
    return Object.fromEntries(fields);
  }

  #field(value: unknown, field: Field, path: string): unknown {
    if (field.shape === 'list') {
      if (!Array.isArray(value)) return this.#wrong(value, path, 'a list');
      return value.map((item, index) => this.#value(item, field.type, `${path}[${index}]`));
    }
    if (field.shape === 'map') {
      if (!isObject(value)) return this.#wrong(value, path, 'an object');
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          item === null ? '' : this.#value(item, field.type, `${path}.${key}`),
        ]),
      );
    }
    return this.#value(value, field.type, path);
  }

  #value(value: unknown, type: string, path: string): unknown {
    const expected = EXPECTED[type];
    if (expected !== undefined) return expected.is(value) ? value : this.#wrong(value, path, expected.what);
    const message = MESSAGES.get(type);
    return message === undefined ? value : this.message(value, message, path);
  }

  #wrong(value: unknown, path: string, what: string): unknown {
    this.wrongType ??= `${path} must be ${what}`;
    return value;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value);

const EXPECTED: Readonly<Record<string, { readonly is: (value: unknown) => boolean; readonly what: string }>> = {
  s: { is: isText, what: 'a string' },
  y: { is: isText, what: 'a string' },
  i: { is: Number.isInteger, what: 'an integer' },
  b: { is: (value) => typeof value === 'boolean', what: 'a boolean' },
  Time: { is: isTime, what: 'a time as of RFC 3339' },
  MicroTime: { is: isTime, what: 'a time as of RFC 3339' },
  IntOrString: { is: (value) => isText(value) || Number.isInteger(value), what: 'an integer or a string' },
  Quantity: { is: (value) => isText(value) || typeof value === 'number', what: 'a quantity' },
  FieldsV1: { is: isObject, what: 'an object' },
};
