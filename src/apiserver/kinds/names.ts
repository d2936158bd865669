/** What names, labels and annotations must look like (apimachinery: util/validation, api/validation). */
import { isObject } from '../json.ts';
import { type FieldError, invalidValue } from '../status.ts';
import type { Json } from '../types.ts';

/** Which rule the names of a kind follow. */
export type NameRule = 'subdomain' | 'label' | 'label-1035' | 'path-segment';

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const LABEL_SAYS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_SAYS =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_SAYS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_SAYS =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_SAYS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const tooLong = (limit: number): string => `must be no more than ${limit} characters`;

/** What is wrong with a name; undefined where nothing is. */
export function nameProblem(rule: NameRule, name: string): string | undefined {
  switch (rule) {
    case 'label':
      return name.length > 63 ? tooLong(63) : LABEL.test(name) ? undefined : LABEL_SAYS;
    case 'label-1035':
      return name.length > 63 ? tooLong(63) : LABEL_1035.test(name) ? undefined : LABEL_1035_SAYS;
    case 'subdomain':
      return name.length > 253 ? tooLong(253) : SUBDOMAIN.test(name) ? undefined : SUBDOMAIN_SAYS;
    case 'path-segment':
      if (name === '.' || name === '..') return `may not be '${name}'`;
      return /[/%]/.test(name) ? "may not contain '/' or '%'" : undefined;
  }
}

/** What is wrong with the key of a label or an annotation, or a finalizer. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split('/');
  const [prefix, name] = parts.length === 1 ? [undefined, parts[0]] : parts;
  if (parts.length > 2 || name === undefined || name.length === 0) return QUALIFIED_SAYS;
  if (prefix !== undefined && (prefix === '' || nameProblem('subdomain', prefix.toLowerCase()) !== undefined))
    return `prefix part ${SUBDOMAIN_SAYS}`;
  if (name.length > 63) return `name part ${tooLong(63)}`;
  return QUALIFIED.test(name) ? undefined : QUALIFIED_SAYS;
}

/** What is wrong with a label's value. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return tooLong(63);
  return value === '' || QUALIFIED.test(value) ? undefined : VALUE_SAYS;
}

const MAX_ANNOTATIONS = 256 * 1024;

/** Judges `metadata.labels`, `annotations`, `finalizers` and `ownerReferences`, whose types were looked at before. */
export function validateMetadata(metadata: Json): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of entries(metadata.labels)) {
    const wrongKey = qualifiedNameProblem(key);
    if (wrongKey !== undefined) errors.push(invalidValue('metadata.labels', key, wrongKey));
    const wrongValue = labelValueProblem(value);
    if (wrongValue !== undefined) errors.push(invalidValue('metadata.labels', value, wrongValue));
  }
  let size = 0;
  for (const [key, value] of entries(metadata.annotations)) {
    size += key.length + value.length;
    const wrong = qualifiedNameProblem(key.toLowerCase());
    if (wrong !== undefined) errors.push(invalidValue('metadata.annotations', key, wrong));
  }
  if (size > MAX_ANNOTATIONS)
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`,
    });
  for (const [index, finalizer] of (Array.isArray(metadata.finalizers) ? metadata.finalizers : []).entries()) {
    const wrong = qualifiedNameProblem(String(finalizer));
    if (wrong !== undefined) errors.push(invalidValue(`metadata.finalizers[${index}]`, finalizer, wrong));
  }
  errors.push(...validateOwners(metadata.ownerReferences));
  return errors;
}

function validateOwners(value: unknown): readonly FieldError[] {
  if (!Array.isArray(value)) return [];
  const errors: FieldError[] = [];
  // Without an index: so does Kubernetes.
  value.forEach((owner) => {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'])
      if (!isObject(owner) || typeof owner[field] !== 'string' || owner[field] === '')
        errors.push(invalidValue(`metadata.ownerReferences.${field}`, '', 'must not be empty'));
  });
  if (value.filter((owner) => isObject(owner) && owner.controller === true).length > 1)
    errors.push(invalidValue('metadata.ownerReferences', null, 'Only one reference can have Controller set to true'));
  return errors;
}

const entries = (value: unknown): [string, string][] =>
  isObject(value) ? Object.entries(value).map(([key, text]) => [key, String(text)]) : [];
