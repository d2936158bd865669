/** The smaller kinds: namespaces, nodes, secrets, configuration maps, events, leases, endpoint slices. */
import { parseIp } from '../../net/ip.ts';
import {
  type Draft,
  draftAt,
  draftsIn,
  isObject,
  listAt,
  objectAt,
  sameJson,
  setDefault,
  textAt,
  valueAt,
} from '../json.ts';
import { badRequest, type FieldError, forbiddenField, invalidValue, notSupported, required } from '../status.ts';
import type { ApiObject } from '../types.ts';
import { PLAIN, type Strategy } from './strategy.ts';

export const NAMESPACE: Strategy = {
  ...PLAIN,
  names: 'label',
  prepare(draft, old) {
    const labels = draftAt(draftAt(draft, 'metadata'), 'labels');
    labels['kubernetes.io/metadata.name'] = objectAt(draft, 'metadata').name;
    if (old === null) {
      draft.spec = { finalizers: ['kubernetes'] };
      draft.status = { phase: 'Active' };
    }
  },
};

export const NODE: Strategy = { ...PLAIN, statusAtCreation: true };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATA_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Fields that a type of Secret must have (apis/core/types.go); of basic-auth one is enough. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function validateData(object: ApiObject, old: ApiObject | null): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['data', 'binaryData'])
    for (const key of Object.keys(objectAt(object, field)))
      if (!DATA_KEY.test(key))
        errors.push(
          invalidValue(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
          ),
        );
  if (old?.immutable === true)
    for (const field of ['data', 'binaryData', 'immutable'])
      if (!sameJson(object[field] ?? {}, old[field] ?? {}))
        errors.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  return errors;
}

export const CONFIG_MAP: Strategy = { ...PLAIN, validate: validateData };

export const SECRET: Strategy = {
  ...PLAIN,
  prepare(draft) {
    setDefault(draft, 'type', 'Opaque');
    if (!isObject(draft.stringData)) return;
    const data = draftAt(draft, 'data');
    for (const [key, value] of Object.entries(draft.stringData))
      Object.defineProperty(data, key, {
        value: Buffer.from(String(value)).toString('base64'),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    delete draft.stringData;
  },
  validate(object, old) {
    // Neither the value nor a part of it is named: it is a secret.
    for (const [key, value] of Object.entries(objectAt(object, 'data')))
      if (typeof value !== 'string' || !BASE64.test(value))
        throw badRequest(`Secret in version "v1" cannot be handled as a Secret: data.${key} is not base64`);
    const data = objectAt(object, 'data');
    const type = textAt(object, 'type');
    const errors = validateData(object, old);
    for (const key of NEEDED[type] ?? []) if (data[key] === undefined) errors.push(required(`data[${key}]`));
    if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined)
      errors.push(required('data[username]'), required('data[password]'));
    if (old !== null && type !== textAt(old, 'type')) errors.push(invalidValue('type', type, 'field is immutable'));
    return errors;
  },
};

export const EVENT: Strategy = {
  ...PLAIN,
  createOnUpdate: true,
  prepare(draft) {
    setDefault(draft, 'type', 'Normal');
    setDefault(draft, 'source', {});
    setDefault(draft, 'firstTimestamp', null);
    setDefault(draft, 'lastTimestamp', null);
    setDefault(draft, 'eventTime', null);
    setDefault(draft, 'reportingComponent', '');
    setDefault(draft, 'reportingInstance', '');
  },
  validate(object) {
    const involved = textAt(object, 'involvedObject', 'namespace');
    const own = object.metadata.namespace ?? '';
    // An event about a cluster-scoped object lies in the namespace "default" (apis/core/validation/events.go).
    const right =
      involved === '' ? own === 'default' || textAt(object, 'involvedObject', 'kind') !== 'Node' : involved === own;
    return right ? [] : [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')];
  },
};

export const LEASE: Strategy = {
  ...PLAIN,
  unconditionalUpdate: false,
  createOnUpdate: true,
  validate(object) {
    const spec = objectAt(object, 'spec');
    const errors: FieldError[] = [];
    const duration = spec.leaseDurationSeconds;
    if (duration !== undefined && duration !== null && !(Number.isInteger(duration) && (duration as number) > 0))
      errors.push(invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
    const transitions = spec.leaseTransitions;
    if (
      transitions !== undefined &&
      transitions !== null &&
      !(Number.isInteger(transitions) && (transitions as number) >= 0)
    )
      errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
    return errors;
  },
};

const ADDRESS_TYPES = ['IPv4', 'IPv6', 'FQDN'];
const MAX_ENDPOINTS = 1000;

export const ENDPOINT_SLICE: Strategy = {
  ...PLAIN,
  generation: true,
  prepare(draft) {
    if (draft.endpoints === undefined || draft.endpoints === null) draft.endpoints = [];
    if (draft.ports === undefined) draft.ports = [];
    for (const port of draftsIn(draft, 'ports')) {
      setDefault(port, 'name', '');
      setDefault(port, 'protocol', 'TCP');
    }
  },
  validate(object, old) {
    const errors: FieldError[] = [];
    const type = textAt(object, 'addressType');
    if (type === '') errors.push(required('addressType'));
    else if (!ADDRESS_TYPES.includes(type)) errors.push(notSupported('addressType', type, ADDRESS_TYPES));
    if (old !== null && type !== textAt(old, 'addressType'))
      errors.push(invalidValue('addressType', type, 'field is immutable'));
    const endpoints = listAt(object, 'endpoints');
    if (endpoints.length > MAX_ENDPOINTS)
      errors.push({
        reason: 'FieldValueTooMany',
        field: 'endpoints',
        message: `Too many: ${endpoints.length}: must have at most ${MAX_ENDPOINTS} items`,
      });
    endpoints.forEach((endpoint, index) => {
      const addresses = listAt(endpoint, 'addresses');
      if (addresses.length === 0)
        errors.push(required(`endpoints[${index}].addresses`, 'must contain at least 1 address'));
      if (type !== 'FQDN')
        addresses.forEach((address, at) => {
          const ip = parseIp(String(address));
          if (!ip.ok || `IPv${ip.value.family}` !== type)
            errors.push(
              invalidValue(`endpoints[${index}].addresses[${at}]`, address, `must be a valid ${type} address`),
            );
        });
    });
    return errors;
  },
};

export const ENDPOINTS: Strategy = {
  ...PLAIN,
  createOnUpdate: true,
  prepare(draft) {
    for (const subset of draftsIn(draft, 'subsets'))
      for (const port of draftsIn(subset, 'ports')) setDefault(port, 'protocol', 'TCP');
  },
};

/** Kinds that are stored and listed and mean nothing here, except that changes of some are counted. */
export const COUNTED: Strategy = { ...PLAIN, generation: true };

/** Roles and bindings may have any name that fits into a path (`system:node`). */
export const RBAC: Strategy = { ...PLAIN, names: 'path-segment' };

export const RBAC_BINDING: Strategy = {
  ...RBAC,
  prepare(draft: Draft): void {
    const ref = draftAt(draft, 'roleRef');
    setDefault(ref, 'apiGroup', 'rbac.authorization.k8s.io');
    for (const subject of draftsIn(draft, 'subjects'))
      if (subject.kind === 'User' || subject.kind === 'Group')
        setDefault(subject, 'apiGroup', 'rbac.authorization.k8s.io');
  },
  validate: (object, old) =>
    old !== null && !sameJson(objectAt(object, 'roleRef'), objectAt(old, 'roleRef'))
      ? [invalidValue('roleRef', valueAt(object, 'roleRef'), 'cannot change roleRef')]
      : [],
};
