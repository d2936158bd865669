/** JSON Merge Patch (RFC 7386). What is patched is not changed. */
import { isObject } from '../json.ts';

/** A patch that is an object is merged field by field, null removes a field, anything else takes the place of what was there. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) merged.delete(field);
    else merged.set(field, applyMergePatch(merged.get(field), value));
  }
  return Object.fromEntries(merged);
}
