import { describe, expect, it } from 'vitest';
import { containerEnvironment, type EnvironmentSources, expand } from './environment.ts';

const sources: EnvironmentSources = {
  field: (path) => (path === 'spec.nodeName' ? 'node1' : undefined),
  object: async (kind, name) => (name === 'there' ? { key: `of ${kind}`, other: 'o' } : undefined),
};

describe('expand', () => {
  it.each([
    ['$(NODE)', 'node1'],
    ['--node=$(NODE),$(NODE)', '--node=node1,node1'],
    ['$$(NODE)', '$(NODE)'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$NODE costs 1$', '$NODE costs 1$'],
  ])('%s becomes %s', (text, expected) => {
    expect(expand(text, { NODE: 'node1' })).toBe(expected);
  });
});

describe('containerEnvironment', () => {
  const of = (spec: object) => containerEnvironment({ name: 'c', image: 'i', ...spec }, { PATH: '/bin' }, sources);

  it('lets env override envFrom, and that the image', async () => {
    const env = [{ name: 'other', value: 'mine' }];
    const envFrom = [{ configMapRef: { name: 'there' } }, { prefix: 'S_', secretRef: { name: 'there' } }];
    expect(await of({ env, envFrom })).toEqual({
      PATH: '/bin',
      key: 'of ConfigMap',
      other: 'mine',
      S_key: 'of Secret',
      S_other: 'o',
    });
  });

  it('takes values from fields, Secrets and earlier entries', async () => {
    const env = [
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'there', key: 'key' } } },
      { name: 'BOTH', value: '$(NODE):$(KEY)' },
    ];
    expect(await of({ env })).toMatchObject({ BOTH: 'node1:of Secret' });
  });

  it('leaves out what is optional and not there', async () => {
    const env = [{ name: 'KEY', valueFrom: { configMapKeyRef: { name: 'gone', key: 'key', optional: true } } }];
    expect(await of({ env })).toEqual({ PATH: '/bin' });
  });

  it.each([
    [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'gone', key: 'key' } } }, 'Secret "gone" not found'],
    [
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'there', key: 'nokey' } } },
      "couldn't find key nokey in Secret",
    ],
    [{ name: 'F', valueFrom: { fieldRef: { fieldPath: 'status.nothing' } } }, 'no field status.nothing'],
  ])('refuses %j', async (entry, message) => {
    await expect(of({ env: [entry] })).rejects.toThrow(message);
  });
});
