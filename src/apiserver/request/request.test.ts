import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../built-in.ts';
import { ApiError } from '../status.ts';
import type { ApiObject, ResourceDefinition } from '../types.ts';
import { parseYaml } from './body.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import { representationOf } from './options.ts';
import { parseResourcePath } from './path.ts';

const definitionOf = (plural: string): ResourceDefinition =>
  BUILT_IN.find((d) => d.plural === plural) as ResourceDefinition;

describe('parseLabelSelector', () => {
  const labels = { app: 'web', tier: 'front', size: '10' };
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['!old', true],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app = web , tier = back', false],
    ['app!=web', false],
    ['missing!=web', true],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['missing notin (web)', true],
    ['missing in (web)', false],
    ['size>9', true],
    ['size<10', false],
    ['app>1', false],
    ['app=', false],
  ])('%s selects: %s', (text, selected) => {
    expect(parseLabelSelector(text)(labels)).toBe(selected);
  });

  it('does not see what objects inherit', () => {
    expect(parseLabelSelector('constructor')({})).toBe(false);
    expect(parseLabelSelector('!toString')(undefined)).toBe(true);
  });

  it.each(['app=web tier=front', 'app in web', 'a=b=c', 'in (a)', ',', 'app in (a', '=x'])('refuses %s', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(ApiError);
  });

  it('throws nothing but refusals', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseLabelSelector(text)(labels);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
    );
  });
});

describe('parseFieldSelector', () => {
  const parse = (plural: string, text: string) => {
    const definition = definitionOf(plural);
    return parseFieldSelector(text, definition, definition.versions[0] as ResourceDefinition['versions'][number]);
  };
  const service: ApiObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { type: 'LoadBalancer' },
  };

  it.each([
    ['metadata.name=web', true],
    ['metadata.name!=web', false],
    ['metadata.namespace=shop,spec.type=LoadBalancer', true],
    ['spec.type!=LoadBalancer', false],
    ['spec.clusterIP=', true],
  ])('%s selects: %s', (text, selected) => {
    expect(parse('services', text).matches(service)).toBe(selected);
  });

  it('takes what is absent of a boolean as false', () => {
    const node: ApiObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {} };
    expect(parse('nodes', 'spec.unschedulable=false').matches(node)).toBe(true);
  });

  it('says what it does not know in the words of Kubernetes', () => {
    expect(() => parse('services', 'spec.externalName=x')).toThrow('field label not supported: spec.externalName');
    expect(() => parse('configmaps', 'data.x=y')).toThrow(
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('throws nothing but refusals', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parse('services', text).matches(service);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
    );
  });
});

describe('parseResourcePath', () => {
  const empty = { group: '', version: 'v1', namespace: '', plural: '', name: '', subresource: '' };
  it.each([
    ['/api/v1/nodes', { ...empty, plural: 'nodes' }],
    ['/api/v1/nodes/n1/status', { ...empty, plural: 'nodes', name: 'n1', subresource: 'status' }],
    ['/api/v1/namespaces', { ...empty, plural: 'namespaces' }],
    ['/api/v1/namespaces/a', { ...empty, plural: 'namespaces', name: 'a' }],
    ['/api/v1/namespaces/a/status', { ...empty, plural: 'namespaces', name: 'a', subresource: 'status' }],
    ['/api/v1/namespaces/a/services/b', { ...empty, namespace: 'a', plural: 'services', name: 'b' }],
    ['/apis/metallb.io/v1beta2/bgppeers', { ...empty, group: 'metallb.io', version: 'v1beta2', plural: 'bgppeers' }],
    ['/api/v1/namespaces/a/services/b/status/c', undefined],
    ['/api/v1', undefined],
    ['/apis/metallb.io', undefined],
    ['/api/v1/%zz', undefined],
    ['/', undefined],
  ])('%s', (path, parsed) => {
    expect(parseResourcePath(path)).toEqual(parsed);
  });
});

describe('representationOf', () => {
  it.each([
    ['', { type: 'object' }],
    ['application/json, */*', { type: 'object' }],
    ['application/vnd.kubernetes.protobuf,application/json', { type: 'object' }],
    [
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
      { type: 'table', apiVersion: 'meta.k8s.io/v1' },
    ],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json', { type: 'metadata' }],
    ['application/vnd.kubernetes.protobuf', undefined],
  ])('%s', (accept, representation) => {
    expect(representationOf(accept)).toEqual(representation);
  });
});

describe('parseYaml', () => {
  it('refuses what grows by aliases, and every text that is no YAML', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c,*c,*c,*c]',
    ];
    expect(() => parseYaml(bomb.join('\n'))).toThrow(ApiError);
    expect(() => parseYaml('a: [')).toThrow(ApiError);
    expect(() => parseYaml('a: 1\na: 2')).toThrow(ApiError);
    expect(parseYaml('a: [1, two]')).toEqual({ a: [1, 'two'] });
  });
});
