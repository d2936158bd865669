/** Whether two parsed values say the same: what is parsed anew and is no different must cause no work. */
import { Secret } from '../../secret.ts';

/** Structural equality of parsed data: plain objects, lists, sets, maps and keys. The order of an object's fields does not count. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((x, i) => sameData(x, b[i]));
  if (a instanceof Secret) return b instanceof Secret && a.equals(b);
  if (a instanceof Set) return b instanceof Set && a.size === b.size && [...a].every((x) => b.has(x));
  if (a instanceof Map)
    return b instanceof Map && a.size === b.size && [...a].every(([k, x]) => b.has(k) && sameData(x, b.get(k)));
  if (Array.isArray(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameData(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
