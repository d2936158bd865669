/** Any spec that MetalLB's CRD accepts, made from the table of its fields. */
import fc from 'fast-check';
import type { FieldFacts, FieldTable } from './field-facts.ts';

/** Specs of a version: required fields always, the others by chance, values within the bounds. */
export function arbitrarySpec(fields: FieldTable): fc.Arbitrary<unknown> {
  return valueAt('spec', fields);
}

function valueAt(path: string, fields: FieldTable): fc.Arbitrary<unknown> {
  const facts = fields.get(path);
  if (facts === undefined) throw new Error(`no field ${path}`);
  switch (facts.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return integer(facts);
    case 'string':
      return facts.enum === undefined ? text : fc.constantFrom(...facts.enum);
    case 'array':
      return fc.array(valueAt(`${path}[]`, fields), { minLength: facts.minItems ?? 0, maxLength: 3 });
    default:
      return objectAt(path, fields);
  }
}

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('90s', '0s', '10.0.0.1', '10.0.0.0/24', 'In', 'Exists', 'a', 'no-export', '65000:1'),
);

/** MetalLB's numbers without bounds are Go's int32. */
const integer = ({ minimum = -(2 ** 31), maximum = 2 ** 31 - 1 }: FieldFacts) =>
  fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));

function objectAt(path: string, fields: FieldTable): fc.Arbitrary<unknown> {
  if (fields.has(`${path}{}`)) return fc.dictionary(fc.string({ minLength: 1 }), valueAt(`${path}{}`, fields));
  const names = [...fields.keys()].flatMap((key) =>
    key.startsWith(`${path}.`) && !/[.[{]/.test(key.slice(path.length + 1)) ? [key.slice(path.length + 1)] : [],
  );
  const model = Object.fromEntries(names.map((name) => [name, valueAt(`${path}.${name}`, fields)]));
  const requiredKeys = names.filter((name) => fields.get(`${path}.${name}`)?.required === true);
  return fc.record(model, { requiredKeys });
}
