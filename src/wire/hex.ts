/** Hexadecimal text of octets, for logs, dumps and tests. */

/** Lower-case hex, two digits an octet. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/**
 * The octets of hex text; white space, colons and dashes between digits are ignored.
 *
 * @throws {SyntaxError} on any other character or on an odd number of digits.
 */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/[\s:-]/g, '');
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new SyntaxError('not hexadecimal, or an odd number of digits');
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}
