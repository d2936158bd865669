/** How rules word what they name. */

/** `a, b, c and 7 more`. */
export function few(names: readonly string[], limit = 4): string {
  if (names.length <= limit + 1) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}

/** `1 node`, `2 nodes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
