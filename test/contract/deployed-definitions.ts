/** The definitions that we deploy: each is accepted, served, and does what it is for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dig, type Json } from './client.ts';
import { DEFINITIONS, establish } from './custom-resources.ts';
import { causesOf, type GetSubject, grouped, useNamespace } from './subject.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/crds');

/** All definitions in the files of the folder. */
function deployedDefinitions(): readonly Json[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((file) => /\.ya?ml$/.test(file));
  return files
    .flatMap((file) => parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')))
    .map((document) => document.toJS() as Json)
    .filter((object) => object !== null && object.kind === 'CustomResourceDefinition');
}

/** A schema as a server keeps it: an empty `properties` says nothing. */
const withoutEmpty = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'properties' && Object.keys(value).length === 0 ? undefined : value,
    ),
  );

export function deployedDefinitionContract(subject: GetSubject): void {
  const definitions = deployedDefinitions();
  const byKind = definitions.map(
    (definition) => [String(dig(definition, 'spec', 'names', 'kind')), definition] as const,
  );

  describe.skipIf(definitions.length === 0)('deploy/crds', () => {
    const namespace = useNamespace(subject);
    const path = (plural: string, version = 'v1beta1', name?: string): string =>
      grouped(`metallb.io/${version}`, namespace(), plural, name);
    const object = (kind: string, name: string, spec: Json, version = 'v1beta1'): Json => ({
      apiVersion: `metallb.io/${version}`,
      kind,
      metadata: { name },
      spec,
    });

    beforeAll(async () => {
      for (const [, definition] of byKind) {
        const plural = String(dig(definition, 'spec', 'names', 'plural'));
        const version = String(dig(definition, 'spec', 'versions', 0, 'name'));
        await establish(subject, definition, `/apis/metallb.io/${version}/${plural}`);
      }
    });
    afterAll(async () => {
      for (const [, definition] of byKind)
        await subject().api.delete(`${DEFINITIONS}/${String(dig(definition, 'metadata', 'name'))}`);
    });

    it.each(byKind)('%s: every version is served, and nothing of the schema was lost', async (kind, definition) => {
      const { body } = await subject().api.get(`${DEFINITIONS}/${String(dig(definition, 'metadata', 'name'))}`);
      const given = dig(definition, 'spec', 'versions') as readonly Json[];
      const kept = dig(body, 'spec', 'versions') as readonly Json[];
      expect(kept.map((version) => version.schema)).toEqual(given.map((version) => withoutEmpty(version.schema)));
      for (const version of given) {
        const { body: resources } = await subject().api.get(`/apis/metallb.io/${String(version.name)}`);
        expect((resources.resources as readonly Json[]).map((resource) => resource.kind)).toContain(kind);
      }
    });

    it('a pool has its defaults, and an advertisement may be empty', async () => {
      const pool = await subject().api.post(
        path('ipaddresspools'),
        object('IPAddressPool', 'pool', { addresses: ['192.0.2.0/24'] }),
      );
      expect(pool.status).toBe(201);
      expect(pool.body.spec).toEqual({ addresses: ['192.0.2.0/24'], autoAssign: true, avoidBuggyIPs: false });
      const advertisement = await subject().api.post(path('bgpadvertisements'), object('BGPAdvertisement', 'all', {}));
      expect(advertisement.status).toBe(201);
      expect(advertisement.body.spec).toMatchObject({ aggregationLength: 32, aggregationLengthV6: 128 });
    });

    it('a pool without addresses is refused by the field', async () => {
      const { status, body } = await subject().api.post(path('ipaddresspools'), object('IPAddressPool', 'none', {}));
      expect(status).toBe(422);
      expect(causesOf(body)).toEqual(['spec.addresses: FieldValueRequired']);
    });

    it('a peer of either version is the same peer', async () => {
      const spec = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1' };
      const made = await subject().api.post(path('bgppeers', 'v1beta2'), object('BGPPeer', 'new', spec, 'v1beta2'));
      expect(made.status).toBe(201);
      const old = await subject().api.get(path('bgppeers', 'v1beta1', 'new'));
      expect(old.body).toMatchObject({ apiVersion: 'metallb.io/v1beta1', spec });
      const other = await subject().api.post(path('bgppeers'), object('BGPPeer', 'old', spec));
      expect(other.status).toBe(201);
      expect(other.warnings.join()).toContain('deprecated');
      const renewed = await subject().api.get(path('bgppeers', 'v1beta2', 'old'));
      expect(renewed.body).toMatchObject({ apiVersion: 'metallb.io/v1beta2', spec });
    });

    it('a field in the wrong case is refused by kubectl, and told by name', async () => {
      const spec = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', holdtime: '90s' };
      const { status, body } = await subject().api.post(
        path('bgppeers', 'v1beta2'),
        object('BGPPeer', 'case', spec, 'v1beta2'),
        { fieldValidation: 'Strict' },
      );
      expect(status).toBe(400);
      expect(dig(body, 'message')).toContain('unknown field "spec.holdtime"');
    });
  });
}
