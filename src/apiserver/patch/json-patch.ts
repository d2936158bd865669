/** JSON Patch (RFC 6902) with JSON Pointers (RFC 6901). What is patched is not changed: the path to each change is copied. */
import { isObject, sameJson } from '../json.ts';
import { ApiError, badRequest } from '../status.ts';

/** As evanphx/json-patch, which Kubernetes uses, refuses more; its number of operations is bounded alike. */
const MAX_OPERATIONS = 10_000;

/** @throws ApiError 400 where the patch is none, 422 where it does not apply */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be an array of operations');
  if (patch.length > MAX_OPERATIONS)
    throw new ApiError(413, 'RequestEntityTooLarge', `a JSON patch is limited to ${MAX_OPERATIONS} operations`);
  return patch.reduce(applyOperation, document);
}

function applyOperation(document: unknown, operation: unknown): unknown {
  if (!isObject(operation)) throw badRequest('an operation of a JSON patch must be an object');
  const { op, value } = operation;
  const path = pointer(operation.path, 'path');
  switch (op) {
    case 'add':
      return change(document, path, 'add', needed(operation, value));
    case 'replace':
      return change(document, path, 'replace', needed(operation, value));
    case 'remove':
      return change(document, path, 'remove', undefined);
    case 'test':
      // A test against null holds where there is nothing, as in the library that Kubernetes uses.
      if (!sameJson(find(document, path, value === null || value === undefined), value ?? null))
        throw fails(`testing path ${text(path)} failed`);
      return document;
    case 'copy':
      return change(document, path, 'add', find(document, pointer(operation.from, 'from'), false));
    case 'move': {
      const from = pointer(operation.from, 'from');
      if (path.length > from.length && from.every((step, i) => step === path[i]))
        throw fails(`cannot move ${text(from)} into itself`);
      return change(change(document, from, 'remove', undefined), path, 'add', find(document, from, false));
    }
    default:
      throw fails(`Unexpected kind: ${String(op)}`);
  }
}

function needed(operation: { readonly [field: string]: unknown }, value: unknown): unknown {
  if (value === undefined) throw badRequest(`the operation ${String(operation.op)} needs a value`);
  return value;
}

function pointer(value: unknown, field: string): readonly string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/')))
    throw badRequest(`${field} of an operation of a JSON patch must be a JSON pointer`);
  return value === ''
    ? []
    : value
        .slice(1)
        .split('/')
        .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));
}

const text = (path: readonly string[]): string =>
  path.map((step) => `/${step.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');

const fails = (why: string): ApiError =>
  new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);

function find(document: unknown, path: readonly string[], orNull: boolean): unknown {
  let at = document;
  for (const step of path) {
    if (Array.isArray(at)) at = at[indexOf(step, at.length - 1, path)];
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step];
    else if (orNull) return null;
    else throw fails(`no value at ${text(path)}`);
  }
  return at;
}

function indexOf(step: string, last: number, path: readonly string[]): number {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > last) throw fails(`invalid index ${JSON.stringify(step)} in ${text(path)}`);
  return index;
}

function change(
  at: unknown,
  path: readonly string[],
  how: 'add' | 'replace' | 'remove',
  value: unknown,
  depth = 0,
): unknown {
  const step = path[depth];
  if (step === undefined) {
    if (how === 'remove') throw fails('the whole document cannot be removed');
    return value;
  }
  const last = depth === path.length - 1;
  if (Array.isArray(at)) {
    const copy = [...at];
    if (!last) {
      const index = indexOf(step, at.length - 1, path);
      copy[index] = change(at[index], path, how, value, depth + 1);
    } else if (how === 'add') copy.splice(step === '-' ? at.length : indexOf(step, at.length, path), 0, value);
    else if (how === 'replace') copy[indexOf(step, at.length - 1, path)] = value;
    else copy.splice(indexOf(step, at.length - 1, path), 1);
    return copy;
  }
  if (!isObject(at)) throw fails(`no value at ${text(path.slice(0, depth))}`);
  if (!Object.hasOwn(at, step) && (how !== 'add' || !last)) throw fails(`no value at ${text(path)}`);
  if (!last) return { ...at, ...own(step, change(at[step], path, how, value, depth + 1)) };
  if (how === 'remove') {
    const { [step]: _, ...rest } = at;
    return rest;
  }
  return { ...at, ...own(step, value) };
}

/** A field of any name, `__proto__` too, as an own one. */
const own = (name: string, value: unknown): { readonly [field: string]: unknown } =>
  Object.fromEntries([[name, value]]);
