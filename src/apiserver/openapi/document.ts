/**
 * OpenAPI version 3 of one group and version: the schemas of its kinds, and its paths as far as clients look at them: which kind an operation is
 * about, and which parameters it takes (kubectl asks whether `fieldValidation` and `dryRun` are among them).
 *
 * Patches of built-in kinds are not said to be strategic although they may be: the schemas of those kinds are compact (schema/built-in.ts), and
 * kubectl, which would make its patch by them, otherwise knows these kinds by itself and wholly.
 */
import type { GroupVersion, ServedResource } from '../discovery/groups.ts';
import { isObject } from '../json.ts';
import { builtInSchema, OBJECT_META } from '../schema/built-in.ts';
import type { Json } from '../types.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** `/openapi/v3`: where the documents are. The hash makes the address of each a new one when it changes. */
export const openApiIndex = (places: readonly { readonly place: string; readonly hash: string }[]): Json => ({
  paths: Object.fromEntries(
    places.map(({ place, hash }) => [place, { serverRelativeURL: `/openapi/v3/${place}?hash=${hash}` }]),
  ),
});

export function openApiDocument(group: string, version: GroupVersion): Json {
  const schemas: Record<string, Json> = {
    [`${META}.ObjectMeta`]: OBJECT_META,
    [`${META}.ListMeta`]: {
      type: 'object',
      description: 'What every list has.',
      properties: {
        continue: { type: 'string' },
        remainingItemCount: { type: 'integer' },
        resourceVersion: { type: 'string' },
      },
    },
  };
  const paths: Record<string, Json> = {};
  for (const resource of version.resources) {
    const name = schemaName(group, version.name, resource);
    schemas[name] = schemaOf(resource);
    schemas[`${name}List`] = listOf(resource, name);
    Object.assign(paths, pathsOf(group, version.name, resource, name));
  }
  return { openapi: '3.0.0', info: { title: 'metallb-ts', version: 'embedded' }, paths, components: { schemas } };
}

/** `io.k8s.api.core.v1.Service`, `io.metallb.v1beta1.BGPPeer`. */
function schemaName(group: string, version: string, { definition }: ServedResource): string {
  if (definition.source === 'custom') return [...group.split('.').reverse(), version, definition.kind].join('.');
  return ['io.k8s.api', group === '' ? 'core' : (group.split('.')[0] as string), version, definition.kind].join('.');
}

const identityOf = ({ definition, version }: ServedResource, kind = definition.kind): Json => ({
  group: definition.group,
  kind,
  version: version.name,
});

function schemaOf(resource: ServedResource): Json {
  const { definition, version } = resource;
  const schema = version.schema ?? builtInSchema(definition.kind);
  const properties = isObject(schema.properties) ? schema.properties : {};
  return {
    ...schema,
    type: 'object',
    description: schema.description ?? `${definition.kind} of ${definition.group || 'core'}/${version.name}.`,
    properties: {
      ...properties,
      apiVersion: { type: 'string', description: 'Group and version of the kind.' },
      kind: { type: 'string', description: 'The kind.' },
      metadata: {
        description: 'Name, namespace, labels, annotations and what else every object has.',
        allOf: [reference(`${META}.ObjectMeta`)],
        default: {},
      },
    },
    'x-kubernetes-group-version-kind': [identityOf(resource)],
  };
}

const listOf = (resource: ServedResource, name: string): Json => ({
  type: 'object',
  description: `A list of ${resource.definition.kind}.`,
  required: ['items'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { allOf: [reference(`${META}.ListMeta`)], default: {} },
    items: { type: 'array', items: { allOf: [reference(name)], default: {} } },
  },
  'x-kubernetes-group-version-kind': [identityOf(resource, resource.definition.listKind)],
});

const parameter = (name: string, type: string, place: 'query' | 'path' = 'query'): Json => ({
  name,
  in: place,
  ...(place === 'path' ? { required: true } : {}),
  schema: { type, uniqueItems: true },
});

const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => parameter(name, 'string'));
const LIST = [
  ...['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
    parameter(name, 'string'),
  ),
  ...['limit', 'timeoutSeconds'].map((name) => parameter(name, 'integer')),
  ...['allowWatchBookmarks', 'sendInitialEvents', 'watch'].map((name) => parameter(name, 'boolean')),
];
const PATCHES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

/** The paths of a resource: its collection and its objects. */
function pathsOf(
  group: string,
  version: string,
  resource: ServedResource,
  name: string,
): Readonly<Record<string, Json>> {
  const { definition } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}${definition.namespaced ? '/namespaces/{namespace}' : ''}/${definition.plural}`;
  const operation = (verb: string, parameters: readonly Json[], result: string, body?: Json): Json => ({
    'x-kubernetes-action': verb,
    'x-kubernetes-group-version-kind': identityOf(resource),
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: { '200': { description: 'OK', content: { 'application/json': { schema: reference(result) } } } },
  });
  const whole: Json = { 'application/json': { schema: reference(name) } };
  const patches = Object.fromEntries(PATCHES.map((type) => [type, { schema: { type: 'object' } }]));
  const verbs = (table: Readonly<Record<string, readonly [string, Json]>>): Json =>
    Object.fromEntries(
      Object.entries(table)
        .filter(([verb]) => definition.verbs.includes(verb))
        .map(([, [method, made]]) => [method, made]),
    );
  const namespace = definition.namespaced ? [parameter('namespace', 'string', 'path')] : [];
  const list = operation('list', LIST, `${name}List`);
  return {
    [collection]: {
      ...verbs({
        list: ['get', list],
        create: ['post', operation('post', WRITE, name, whole)],
        deletecollection: ['delete', operation('deletecollection', LIST, name)],
      }),
      parameters: namespace,
    },
    ...(definition.verbs.includes('get')
      ? {
          [`${collection}/{name}`]: {
            ...verbs({
              get: ['get', operation('get', [], name)],
              update: ['put', operation('put', WRITE, name, whole)],
              patch: ['patch', operation('patch', [...WRITE, parameter('force', 'boolean')], name, patches)],
              delete: ['delete', operation('delete', [parameter('dryRun', 'string')], name)],
            }),
            parameters: [...namespace, parameter('name', 'string', 'path')],
          },
        }
      : {}),
    ...(definition.namespaced && definition.verbs.includes('list')
      ? { [`${root}/${definition.plural}`]: { get: list, parameters: [] } }
      : {}),
  };
}
