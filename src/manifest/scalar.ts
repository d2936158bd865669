/**
 * What a plain YAML scalar means to kubectl, which reads YAML with sigs.k8s.io/yaml, that is go-yaml version 2.
 *
 * That is YAML 1.1 with exceptions: `yes`, `on` and their like are booleans and `0777` is octal, but there are no base-60 numbers
 * (`64512:100` is text) and a timestamp stays the text that it is.
 */

const WORDS = new Map<string, boolean | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const RADIX = /^([-+]?)(?:0x([0-9a-fA-F]+)|0b([01]+)|0o?([0-7]+))$/i;

/** The JSON value of a plain (unquoted) scalar. */
export function resolvePlain(text: string): string | number | boolean | null {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  const radix = RADIX.exec(digits);
  if (radix !== null) {
    const [, sign, hex, binary, octal] = radix;
    const magnitude =
      hex !== undefined
        ? Number.parseInt(hex, 16)
        : binary !== undefined
          ? Number.parseInt(binary, 2)
          : Number.parseInt(octal ?? '', 8);
    return sign === '-' ? -magnitude : magnitude;
  }
  return FLOAT.test(digits) ? Number(digits) : text;
}
