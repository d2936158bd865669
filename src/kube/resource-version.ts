/** The order of resourceVersions, which is that of numbers (KEP-5504: they may be compared). */

const DECIMAL = /^[1-9][0-9]*$/;

/** Whether one resourceVersion is older than another; false where they cannot be compared. */
export function isOlderVersion(a: string, b: string): boolean {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
