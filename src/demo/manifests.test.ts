import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { valueAt } from '../apiserver/json.ts';
import { PARTS } from '../apiserver/parts.ts';
import { TestServer } from '../apiserver/testing/server.ts';
import { NAMESPACE, SECRET } from '../kube/resource-types.ts';
import { LocalApi } from './local-api.ts';
import { apply, readManifests } from './manifests.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MAP = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const key = { namespace: 'default', name: 'map' };

const open = (): LocalApi => new LocalApi(new TestServer({ parts: PARTS }).api, 'test');

it('applies as kubectl does, to the octet of its annotation', () => {
  const api = open();
  const map = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'map' }, data: { b: '<&>', a: '1' } };
  apply(api, map);
  expect(api.get(MAP, key)?.metadata.annotations).toEqual({
    [LAST_APPLIED]:
      '{"apiVersion":"v1","data":{"a":"1","b":"\\u003c\\u0026\\u003e"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"map","namespace":"default"}}\n',
  });
  apply(api, { ...map, data: { ...map.data, a: '2' } });
  expect(api.get(MAP, key)?.data).toEqual({ a: '2', b: '<&>' });
  expect(api.get(MAP, key)?.metadata.annotations?.[LAST_APPLIED]).toContain('"a":"2"');
});

it('keeps a key in one place', () => {
  const api = open();
  const metadata = { name: 'map', namespace: 'default' };
  apply(api, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'secret' } });
  expect(api.get(SECRET, key)?.metadata.annotations).toBeUndefined();
});

it('knows cluster-scoped kinds, and says which kind there is not', () => {
  const api = open();
  apply(api, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  expect(valueAt(api.get(NAMESPACE, { namespace: '', name: 'shop' })?.status, 'phase')).toBe('Active');
  expect(() => apply(api, { apiVersion: 'v1', kind: 'Pot', metadata: { name: 'one' } })).toThrow(
    'no resource is of kind Pot in v1',
  );
});

it('reads a folder in the order of its files, and names the place of a fault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metallb-manifests-'));
  try {
    const object = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
    writeFileSync(join(folder, 'b.yaml'), object('third'));
    writeFileSync(join(folder, 'a.yaml'), `${object('first')}---\n${object('second')}`);
    writeFileSync(join(folder, 'README.md'), 'no manifest');
    expect(readManifests(folder).map(({ metadata }) => metadata.name)).toEqual(['first', 'second', 'third']);
    expect(() => readManifests(join(folder, 'b.yaml'), () => 'a: 1\nb: [')).toThrow(/b\.yaml:\d+: /);
    expect(() => readManifests(join(folder, 'b.yaml'), () => 'a: 1')).toThrow('no Kubernetes object');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
