/**
 * The CRDs in deploy/crds: up to date, structural, described, and as MetalLB's but for differences that are listed with their reasons
 * (docs/reference/crds.md). They accept every manifest of examples/ and of the lint corpus that a cluster must accept.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { schemaValidator } from '../src/apiserver/schema/validator.ts';
import type { ApiObject, Json } from '../src/apiserver/types.ts';
import { CRD_KINDS } from '../src/crd/kinds.ts';
import { crdManifests } from '../src/crd/manifest.ts';
import { renderCrdFiles } from '../src/crd/render.ts';
import { CONFIG_KINDS, SPEAKER_STATUS } from '../src/kube/resource-types.ts';
import { arbitrarySpec } from './crd/arbitrary-spec.ts';
import { compareFields, findRules, isEqual, isMarked, keyOf, missingFields, VERSIONS } from './crd/compare.ts';
import { DIFFERENCES, RULE_ORIGINS } from './crd/differences.ts';
import { walk } from './crd/field-facts.ts';
import { METALLB } from './crd/metallb-fields.ts';
import { crdPage } from './crd/page.ts';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'deploy/crds');
const PAGE = join(ROOT, 'docs/reference/crds.md');

const schemaOf = (kind: string, version: string): Json => {
  const found = VERSIONS.find((v) => v.kind === kind && v.version === version);
  if (found === undefined) throw new Error(`no ${kind} ${version}`);
  return found.root as Json;
};

/** What the API server says of an object: `FIELD: message`. */
function refusals(object: ApiObject, old: ApiObject | null = null): readonly string[] {
  const schema = schemaOf(object.kind, object.apiVersion.replace('metallb.io/', ''));
  const { object: prepared } = schemaValidator.prepare(schema, object);
  return schemaValidator.validate(schema, prepared, old).map(({ field, message }) => `${field}: ${message}`);
}

const objectOf = (kind: string, version: string, spec: unknown, more: Json = {}): ApiObject => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name: 'x', namespace: 'metallb-system' },
  ...(spec === undefined ? {} : { spec }),
  ...more,
});

describe('deploy/crds', () => {
  it('is what the schemas make; npm run crds writes it anew', () => {
    const files = renderCrdFiles();
    expect(readdirSync(FOLDER).sort()).toEqual(files.map(({ name }) => name).sort());
    for (const { name, text } of files) expect(readFileSync(join(FOLDER, name), 'utf8'), name).toBe(text);
  });

  it('is the same under YAML 1.1, which Kubernetes reads, and under YAML 1.2', () => {
    const manifests = crdManifests();
    for (const { name, text } of renderCrdFiles().slice(1)) {
      const manifest = manifests.find((m) => name === `metallb.io_${m.spec.names.plural}.yaml`);
      for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version }), name).toEqual(manifest);
    }
  });

  it('has the kinds that controller and speaker use, under their names', () => {
    for (const type of [...CONFIG_KINDS, SPEAKER_STATUS]) {
      const manifest = crdManifests().find(({ spec }) => spec.names.kind === type.kind);
      expect(manifest?.metadata.name).toBe(`${type.plural}.${type.group}`);
      expect(manifest?.spec.versions.find(({ storage }) => storage)?.name).toBe(type.version);
    }
  });

  it('has one stored version each, the status subresource, and only what users write in "all"', () => {
    for (const { spec } of crdManifests()) {
      expect(spec.versions.filter(({ storage }) => storage)).toHaveLength(1);
      for (const version of spec.versions)
        expect(version).toMatchObject({ served: true, subresources: { status: {} } });
      const configuration = CONFIG_KINDS.some(({ kind }) => kind === spec.names.kind);
      expect(spec.names.categories, spec.names.kind).toEqual(configuration ? ['all', 'metallb'] : undefined);
    }
  });
});

describe('the schemas', () => {
  it('are structural, and their defaults are valid', () => {
    for (const { kind, version, root } of VERSIONS)
      expect(schemaValidator.checkSchema(root as Json, 'schema'), `${kind} ${version}`).toEqual([]);
  });

  it('have a type, no references and no alternatives but int-or-string, and nulls only where a status has them', () => {
    const nullable: string[] = [];
    for (const { kind, root } of VERSIONS)
      walk(root, (path, schema) => {
        const at = `${kind} ${path}`;
        const free = schema['x-kubernetes-int-or-string'] === true;
        expect(schema.type === undefined, at).toBe(free);
        expect(schema.anyOf !== undefined, at).toBe(free);
        for (const never of ['$ref', 'oneOf', 'allOf', 'not', 'definitions', '$schema'])
          expect(schema, at).not.toHaveProperty(never);
        if (schema.nullable === true) nullable.push(at);
      });
    expect(nullable).toEqual(
      ['peerASN', 'cause', 'message', 'lastReset', 'bfdState', 'bfdMessage', 'expectedFailoverMilliseconds'].map(
        (field) => `SpeakerStatus status.sessions[].${field}`,
      ),
    );
  });

  it('describe every field: what it does, and of a configuration which default', () => {
    const silent: string[] = [];
    for (const { kind, version, root } of VERSIONS)
      walk(root, (path, schema) => {
        const name = `${kind} ${version} ${path}`;
        // The entries of a list of texts and the values of a map are described by the list and the map.
        if (/(?:\[\]|\{\})$/.test(path) && schema.type === 'string') return;
        const description = String(schema.description ?? '');
        if (!description.endsWith('.')) silent.push(name);
        if (
          /^spec\.[a-zA-Z0-9]+$/.test(path) &&
          !/Default: |Required|Deprecated/.test(description) &&
          !WITHOUT_DEFAULT.includes(path)
        )
          silent.push(`${name}: no default`);
      });
    expect(silent).toEqual([]);
  });
});

/** Fields that are required, or whose default the field beside them tells. */
const WITHOUT_DEFAULT = ['spec.addresses', 'spec.ipAddressPoolSelectors', 'spec.communities'];

describe("MetalLB's fields", () => {
  const fields = compareFields();

  it('are all there', () => {
    expect(missingFields()).toEqual([]);
  });

  it('are the same, but for those that are listed with a reason', () => {
    const different = fields.filter((field) => field.metallb !== undefined && !isEqual(field)).map(keyOf);
    expect(different.sort()).toEqual(Object.keys(DIFFERENCES).sort());
  });

  it('and no others, unless their description says that they are ours', () => {
    expect(fields.filter((field) => field.metallb === undefined && !isMarked(field, fields)).map(keyOf)).toEqual([]);
    for (const field of fields) if (field.metallb !== undefined) expect(field.description).not.toMatch(/^metallb-ts:/);
  });

  it.each(METALLB.filter(({ fields: table }) => table.has('spec')).map((m) => [m.kind, m.version, m.fields] as const))(
    'of %s %s: what its CRD accepts ours does, but for rules and bounds that are listed',
    (kind, version, table) => {
      const known = [/^spec\.(?:aggregationLength|aggregationLengthV6|localPref): Invalid value/];
      const messages = findRules().map(({ message }) => message);
      fc.assert(
        fc.property(arbitrarySpec(table), (spec) => {
          const unknown = refusals(objectOf(kind, version, spec)).filter(
            (line) =>
              !known.some((pattern) => pattern.test(line)) &&
              !messages.some((message) => line.includes(message)) &&
              !line.startsWith('<nil>:'),
          );
          expect(unknown).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
  );

  it('have their columns in their order before ours', () => {
    for (const { kind, columns } of METALLB) {
      const ours = CRD_KINDS.find((k) => k.kind === kind)?.columns ?? [];
      const theirs = ours
        .filter(({ name }) => columns.some(([column]) => column === name))
        .map(({ name, jsonPath, type, priority }) => [
          name,
          jsonPath,
          type,
          ...(priority === undefined ? [] : [priority]),
        ]);
      expect(theirs, kind).toEqual(columns);
    }
  });
});

describe('the rules in CEL', () => {
  it('each say who refuses the same, and how it is put right', () => {
    const counts = new Map<string, number>();
    for (const { kind, path } of findRules()) counts.set(`${kind} ${path}`, (counts.get(`${kind} ${path}`) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(Object.entries(RULE_ORIGINS).map(([key, origins]) => [key, origins.length])),
    );
  });

  const peer = (more: Json) => ({ myASN: 64513, peerASN: 64512, peerAddress: '10.0.0.1', ...more });
  const refused: readonly (readonly [Json, string])[] = [
    [peer({ myASN: 0 }), 'AS number 0 is reserved'],
    [peer({ peerASN: 0 }), 'neither peerASN nor dynamicASN'],
    [peer({ dynamicASN: 'internal' }), 'peerASN and dynamicASN exclude'],
    [peer({ peerAddress: '' }), 'neither peerAddress nor interface'],
    [peer({ interface: 'eth0' }), 'peerAddress and interface exclude'],
    [peer({ password: 'x', passwordSecret: { name: 'y' } }), 'remove password'],
    [peer({ holdTime: '90' }), 'is no duration'],
    [peer({ holdTime: '2.9s' }), 'is 0s or at least 3s'],
    [peer({ holdTime: '-90s' }), 'is 0s or at least 3s'],
    [peer({ keepaliveTime: '1.2.3s' }), 'is no duration'],
    [peer({ holdTime: '0s', keepaliveTime: '3s' }), 'keepaliveTime is above holdTime'],
    [peer({ connectTime: '1500ms' }), 'no whole number of seconds'],
    [peer({ connectTime: '18h13m' }), 'not within 1s and 65535s'],
    [peer({ peerASN: 64513, ebgpMultiHop: true }), 'ebgpMultiHop is for external peers'],
  ];
  it.each(refused)('refuse the peer %j in both versions', (spec, message) => {
    for (const version of ['v1beta1', 'v1beta2'])
      expect(refusals(objectOf('BGPPeer', version, spec)).join()).toContain(message);
  });

  it.each([
    peer({ peerASN: undefined, dynamicASN: 'external' }),
    peer({ peerASN: 0, dynamicASN: 'external' }),
    peer({ peerAddress: '', interface: 'eth0' }),
    peer({ password: 'x', passwordSecret: {} }),
    peer({ holdTime: '1h30m', keepaliveTime: '.5m', connectTime: '65535s' }),
    peer({ holdTime: '0' }),
    peer({ holdTime: '0.5s', keepaliveTime: '0s' }),
    peer({ holdTime: '20h' }),
    peer({ peerASN: 64513, localASN: 7, ebgpMultiHop: true }),
    peer({ peerPort: 0 }),
  ])('accept the peer %j', (spec) => {
    const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
    expect(refusals(objectOf('BGPPeer', 'v1beta2', given))).toEqual([]);
  });

  it('what v1beta1 lets in v1beta2 accepts, so that it can be given a status', () => {
    const table = METALLB.find(({ kind, version }) => kind === 'BGPPeer' && version === 'v1beta1')?.fields ?? new Map();
    fc.assert(
      fc.property(arbitrarySpec(table), (spec) => {
        const [old, now] = [objectOf('BGPPeer', 'v1beta1', spec), objectOf('BGPPeer', 'v1beta2', spec)];
        if (refusals(old).length === 0) expect(refusals(now)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('let graceful restart come and go, and not change', () => {
    const of = (value: boolean | undefined) =>
      objectOf('BGPPeer', 'v1beta2', peer(value === undefined ? {} : { enableGracefulRestart: value }));
    expect(refusals(of(true), of(false)).join()).toContain('delete the BGPPeer and create it anew');
    expect(refusals(of(true), of(undefined))).toEqual([]);
  });

  it.each([
    [{ serviceSelectors: [{}], aggregationLength: 24 }, 'exclude each other'],
    [{ serviceSelectors: [{}], aggregationLengthV6: 64 }, 'exclude each other'],
    [{ linkBandwidth: 'auto' }, 'write Auto'],
    [{ linkBandwidth: -1 }, 'write Auto'],
    [{ serviceSelectors: [], aggregationLength: 24 }, null],
    [{ serviceSelectors: [{}] }, null],
    [{ linkBandwidth: 'Auto' }, null],
    [{ linkBandwidth: 1_000_000_000 }, null],
  ])('judge the BGPAdvertisement %j', (spec, message) => {
    const lines = refusals(objectOf('BGPAdvertisement', 'v1beta1', spec));
    if (message === null) expect(lines).toEqual([]);
    else expect(lines.join()).toContain(message);
  });

  it('keep a status object about its Service', () => {
    const of = (serviceName: string) => objectOf('ServiceBGPStatus', 'v1beta1', {}, { status: { serviceName } });
    expect(refusals(of('b'), of('a')).join()).toContain('status.serviceName');
    expect(refusals(of('a'), of('a'))).toEqual([]);
  });
});

describe("what MetalLB's CRD refuses", () => {
  const PEER = { myASN: 1, peerASN: 2, peerAddress: '10.0.0.1' };
  it.each([
    ['IPAddressPool', 'v1beta1', undefined, 'spec: Required'],
    ['IPAddressPool', 'v1beta1', {}, 'spec.addresses: Required'],
    ['IPAddressPool', 'v1beta1', { addresses: '10.0.0.0/24' }, 'spec.addresses'],
    ['IPAddressPool', 'v1beta1', { addresses: [], autoAssign: 'yes' }, 'spec.autoAssign'],
    ['IPAddressPool', 'v1beta1', { addresses: [], serviceAllocation: { priority: 1.5 } }, 'priority'],
    ['BGPPeer', 'v1beta2', { ...PEER, myASN: undefined }, 'spec.myASN: Required'],
    ['BGPPeer', 'v1beta2', { ...PEER, peerASN: 2 ** 32 }, 'spec.peerASN'],
    ['BGPPeer', 'v1beta2', { ...PEER, peerPort: 16_385 }, 'spec.peerPort'],
    ['BGPPeer', 'v1beta2', { ...PEER, localASN: 0 }, 'spec.localASN'],
    ['BGPPeer', 'v1beta2', { ...PEER, peerASN: 0, dynamicASN: 'any' }, 'spec.dynamicASN: Unsupported'],
    ['BGPPeer', 'v1beta1', { ...PEER, peerAddress: undefined }, 'spec.peerAddress: Required'],
    ['BGPPeer', 'v1beta1', { ...PEER, peerASN: undefined }, 'spec.peerASN: Required'],
    [
      'BGPPeer',
      'v1beta1',
      { ...PEER, nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      'values: Required',
    ],
    ['BGPAdvertisement', 'v1beta1', { aggregationLength: 0 }, 'spec.aggregationLength'],
    ['L2Advertisement', 'v1beta1', { preferredNodeSelectors: [{ weight: 101, preference: {} }] }, 'weight'],
    ['L2Advertisement', 'v1beta1', { preferredNodeSelectors: [{ weight: 1 }] }, 'preference: Required'],
    ['BFDProfile', 'v1beta1', { receiveInterval: 9 }, 'spec.receiveInterval'],
    ['BFDProfile', 'v1beta1', { detectMultiplier: 1 }, 'spec.detectMultiplier'],
    ['BFDProfile', 'v1beta1', { minimumTtl: 255 }, 'spec.minimumTtl'],
  ])('%s %s %j', (kind, version, spec, expected) => {
    const given = spec === undefined ? undefined : JSON.parse(JSON.stringify(spec));
    expect(refusals(objectOf(kind, version, given)).join('\n')).toContain(expected);
  });
});

describe('the manifests', () => {
  /** What a cluster refuses of the corpus, which is about faults, and by which field. */
  const REFUSED: Readonly<Record<string, string>> = {
    'aggregate-with-service-selectors.yaml': 'serviceSelectors and an aggregation length',
    'asn-quoted.yaml': 'spec.myASN',
    'asn-zero.yaml': 'AS number 0 is reserved',
    'hold-without-unit.yaml': 'is no duration',
    'keepalive-above-hold.yaml': 'keepaliveTime is above holdTime',
    'multihop-on-ibgp.yaml': 'ebgpMultiHop is for external peers',
    'password-twice.yaml': 'password and passwordSecret exclude',
  };

  const yamlFiles = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => join(folder, file));

  const served = (value: unknown): value is ApiObject => {
    const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
    return VERSIONS.some((v) => v.kind === kind && `metallb.io/${v.version}` === apiVersion);
  };

  const judge = (file: string): readonly string[] =>
    parseAllDocuments(readFileSync(join(ROOT, file), 'utf8'))
      .map((document) => document.toJS() as unknown)
      .filter(served)
      .flatMap((object) => refusals(object));

  it('of the guide are all accepted', () => {
    const files = yamlFiles('examples');
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(judge(file), file).toEqual([]);
  });

  it('of the lint corpus are accepted, but for faults that the API server finds', () => {
    const found = Object.fromEntries(
      yamlFiles('test/lint-corpus').flatMap((file) => {
        const lines = judge(file);
        return lines.length === 0 ? [] : [[file.replace('test/lint-corpus/', ''), lines.join('; ')]];
      }),
    );
    expect(Object.keys(found)).toEqual(Object.keys(REFUSED));
    for (const [file, expected] of Object.entries(REFUSED)) expect(found[file], file).toContain(expected);
  });
});

it('is what docs/reference/crds.md says', () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, crdPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(crdPage());
});
