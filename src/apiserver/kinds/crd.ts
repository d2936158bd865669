/**
 * CustomResourceDefinitions: judged, marked Established at once, and made into the definition that the registry serves
 * (apiextensions-apiserver: pkg/apis/apiextensions/validation, pkg/controller/{status,establish}).
 *
 * All versions must have one form: the conversion strategy is None, since nobody here would answer a conversion webhook.
 */
import { compareVersions } from '../discovery/groups.ts';
import { type Draft, draftAt, isObject, listAt, objectAt, sameJson, setDefault, textAt, valueAt } from '../json.ts';
import { type FieldError, forbiddenField, invalidValue, notSupported, required } from '../status.ts';
import type { ApiObject, Json, PrinterColumn, ResourceDefinition, Validator, VersionDefinition } from '../types.ts';
import { nameProblem } from './names.ts';
import { CUSTOM, type Strategy } from './strategy.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** Which other definition has one of these names already, in the same group. */
export type NameTaken = (group: string, plural: string, names: Json) => string | undefined;

export function crdStrategy(validator: Validator, now: () => string, taken: NameTaken): Strategy {
  return {
    ...CUSTOM,
    unconditionalUpdate: false,
    prepare(draft, old) {
      const spec = draftAt(draft, 'spec');
      setDefault(spec, 'conversion', { strategy: 'None' });
      const names = draftAt(spec, 'names');
      setDefault(names, 'singular', textAt(names, 'kind').toLowerCase());
      setDefault(names, 'listKind', `${textAt(names, 'kind')}List`);
      prepareStatus(draft, spec, old, now());
    },
    validate: (object, old) => validateDefinition(object, old, validator, taken),
  };
}

/** What the controllers of a real server would write a moment later. */
function prepareStatus(draft: Draft, spec: Draft, old: ApiObject | null, time: string): void {
  const before = old === null ? [] : listAt(old, 'status', 'conditions');
  const condition = (type: string, reason: string, message: string): unknown =>
    before.find((entry) => textAt(entry, 'type') === type) ?? {
      type,
      status: 'True',
      reason,
      message,
      lastTransitionTime: time,
    };
  const storage = listAt(spec, 'versions').find((version) => valueAt(version, 'storage') === true);
  const stored = old === null ? [] : listAt(old, 'status', 'storedVersions');
  const name = textAt(storage, 'name');
  draft.status = {
    acceptedNames: spec.names,
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    storedVersions: name === '' || stored.includes(name) ? stored : [...stored, name],
  };
}

function validateDefinition(
  object: ApiObject,
  old: ApiObject | null,
  validator: Validator,
  taken: NameTaken,
): FieldError[] {
  const spec = objectAt(object, 'spec');
  const [group, plural] = [textAt(spec, 'group'), textAt(spec, 'names', 'plural')];
  const errors: FieldError[] = [];
  if (nameProblem('subdomain', group) !== undefined || !group.includes('.'))
    errors.push(
      group === ''
        ? required('spec.group')
        : invalidValue('spec.group', group, 'should be a domain with at least one dot'),
    );
  if (object.metadata.name !== `${plural}.${group}`)
    errors.push(invalidValue('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    const name = textAt(spec, 'names', field);
    const wrong = nameProblem('label-1035', name.toLowerCase());
    if (name === '') errors.push(required(`spec.names.${field}`));
    else if (wrong !== undefined) errors.push(invalidValue(`spec.names.${field}`, name, wrong));
  }
  const conflict = taken(group, plural, objectAt(spec, 'names'));
  if (conflict !== undefined) errors.push(invalidValue('spec.names', conflict, 'already in use in this group'));
  if (!['Namespaced', 'Cluster'].includes(textAt(spec, 'scope')))
    errors.push(
      textAt(spec, 'scope') === ''
        ? required('spec.scope')
        : notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']),
    );
  if (textAt(spec, 'conversion', 'strategy') !== 'None')
    errors.push(forbiddenField('spec.conversion.strategy', 'the embedded API server converts by strategy None only'));
  errors.push(...validateVersions(spec, validator));
  if (old !== null)
    for (const path of [['group'], ['scope'], ['names', 'plural'], ['names', 'kind']])
      if (!sameJson(valueAt(spec, ...path), valueAt(old, 'spec', ...path)))
        errors.push(invalidValue(`spec.${path.join('.')}`, valueAt(spec, ...path), 'field is immutable'));
  return errors;
}

function validateVersions(spec: Json, validator: Validator): FieldError[] {
  const errors: FieldError[] = [];
  const versions = listAt(spec, 'versions');
  if (versions.length === 0) return [required('spec.versions', 'must have at least one version')];
  const names = new Set<string>();
  versions.forEach((version, index) => {
    const at = `spec.versions[${index}]`;
    const name = textAt(version, 'name');
    const wrong = nameProblem('label-1035', name);
    if (wrong !== undefined) errors.push(invalidValue(`${at}.name`, name, wrong));
    if (names.has(name))
      errors.push({
        reason: 'FieldValueDuplicate',
        field: `${at}.name`,
        message: `Duplicate value: ${JSON.stringify(name)}`,
      });
    names.add(name);
    const schema = valueAt(version, 'schema', 'openAPIV3Schema');
    if (!isObject(schema)) errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    else errors.push(...validator.checkSchema(schema, `${at}.schema.openAPIV3Schema`));
  });
  if (versions.filter((version) => valueAt(version, 'storage') === true).length !== 1)
    errors.push(invalidValue('spec.versions', null, 'must have exactly one version marked as storage version'));
  return errors;
}

/** The resource that a definition adds. */
export function definitionOf(crd: ApiObject): ResourceDefinition {
  const spec = objectAt(crd, 'spec');
  const names = objectAt(spec, 'names');
  const versions = listAt(spec, 'versions').filter(isObject);
  const storage = versions.find((version) => version.storage === true) ?? versions[0] ?? {};
  return {
    group: textAt(spec, 'group'),
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular'),
    kind: textAt(names, 'kind'),
    listKind: textAt(names, 'listKind'),
    shortNames: listAt(names, 'shortNames').map(String),
    categories: listAt(names, 'categories').map(String),
    namespaced: spec.scope === 'Namespaced',
    versions: versions.map((version) => versionOf(version, spec)).sort((a, b) => compareVersions(a.name, b.name)),
    storageVersion: textAt(storage, 'name'),
    verbs: VERBS,
    source: 'custom',
    virtual: false,
    otherSubresources: [],
  };
}

function versionOf(version: Json, spec: Json): VersionDefinition {
  const scale = valueAt(version, 'subresources', 'scale');
  const selector = textAt(scale, 'labelSelectorPath');
  const name = textAt(version, 'name');
  const warning = textAt(version, 'deprecationWarning');
  return {
    name,
    served: version.served === true,
    schema: objectAt(version, 'schema', 'openAPIV3Schema'),
    subresources: {
      status: isObject(valueAt(version, 'subresources', 'status')),
      scale: isObject(scale)
        ? {
            specReplicasPath: textAt(scale, 'specReplicasPath'),
            statusReplicasPath: textAt(scale, 'statusReplicasPath'),
            ...(selector === '' ? {} : { labelSelectorPath: selector }),
          }
        : null,
    },
    printerColumns: listAt(version, 'additionalPrinterColumns') as readonly PrinterColumn[],
    selectableFields: listAt(version, 'selectableFields').map((field) => textAt(field, 'jsonPath')),
    deprecationWarning:
      version.deprecated === true
        ? warning || `${textAt(spec, 'group')}/${name} ${textAt(spec, 'names', 'kind')} is deprecated`
        : null,
  };
}
