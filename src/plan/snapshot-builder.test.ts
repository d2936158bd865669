import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatFieldPath } from '../config/problem.ts';
import { findingLines } from '../config/testing.ts';
import { collectResources } from '../manifest/collect.ts';
import { parseManifests } from '../manifest/manifest.ts';
import { placeFindings } from '../manifest/place.ts';
import { DEFAULT_PLAN_OPTIONS } from './snapshot.ts';
import { type BuiltSnapshot, buildSnapshot } from './snapshot-builder.ts';

function objectsOf(text: string) {
  const file = parseManifests('f.yaml', text);
  if (!file.ok) throw new Error(file.error.message);
  const collected = collectResources([file.value], DEFAULT_PLAN_OPTIONS);
  return collected;
}
const snapshotOf = (text: string, previous?: BuiltSnapshot) =>
  buildSnapshot(objectsOf(text).resources, DEFAULT_PLAN_OPTIONS, previous);

const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web, annotations: {}}
spec: {type: LoadBalancer, ports: [{port: 80}], selector: {app: web}}
`;
const SLICE = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
endpoints:
  - {addresses: [10.1.1.1], nodeName: n1}
  - {addresses: [10.1.1.2], nodeName: n2, conditions: {ready: false, serving: true}}
`;

describe('buildSnapshot', () => {
  it('puts together what a plan needs', () => {
    const snapshot = snapshotOf(
      [
        SERVICE,
        SLICE,
        'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n',
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {team: a}}\n',
        'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\nspec: {addresses: [10.0.0.0/24]}\n',
      ].join('---\n'),
    );
    expect(snapshot.findings).toEqual([]);
    expect(snapshot.services.map((s) => s.key)).toEqual(['default/web']);
    expect(snapshot.endpoints.get('default/web')).toEqual({ servable: true, servableNodes: new Set(['n1', 'n2']) });
    expect(snapshot.nodes.map((n) => n.name)).toEqual(['n1']);
    expect(snapshot.namespaces.get('default')).toEqual({ team: 'a' });
    expect(snapshot.config.pools).toHaveLength(1);
  });

  it('follows the endpoint policy of a Service, and warns of one that it does not know', () => {
    const with_ = (policy: string) =>
      snapshotOf(
        `${SERVICE.replace('annotations: {}', `annotations: {metallb.io/endpoint-policy: ${policy}}`)}---\n${SLICE}`,
      );
    expect(with_('ready').endpoints.get('default/web')?.servableNodes).toEqual(new Set(['n1']));
    expect(findingLines(with_('Ready').findings)).toEqual([
      'warning unknown-value Service/web metadata.annotations["metallb.io/endpoint-policy"]',
    ]);
  });

  it('takes Endpoints where the Service has no selector and no slice', () => {
    const endpoints =
      'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: 10.1.1.3, nodeName: n3}]}]\n';
    const bare = SERVICE.replace(', selector: {app: web}', '');
    expect(snapshotOf(`${bare}---\n${endpoints}`).endpoints.get('default/web')?.servableNodes).toEqual(new Set(['n3']));
    expect(snapshotOf(`${SERVICE}---\n${endpoints}`).endpoints.size).toBe(0);
    expect(snapshotOf(`${bare}---\n${endpoints}---\n${SLICE}`).endpoints.get('default/web')?.servableNodes).toEqual(
      new Set(['n1', 'n2']),
    );
  });

  it('leaves out a faulty Service or Node, or keeps its last good version', () => {
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.0.0.1}]}\n';
    const good = snapshotOf(`${SERVICE}---\n${node}`);
    const faulty = `${SERVICE.replace('port: 80', 'port: eighty')}---\n${node.replace('10.0.0.1', 'oops')}`;
    const alone = snapshotOf(faulty);
    expect([alone.services, alone.nodes]).toEqual([[], []]);
    expect(findingLines(alone.findings)).toEqual([
      'error bad-address Node/n1 status.addresses[0].address',
      'error wrong-type Service/web spec.ports[0].port',
    ]);
    const after = snapshotOf(faulty, good);
    expect([after.services, after.nodes]).toEqual([good.services, good.nodes]);
    expect(after.findings.filter((f) => f.rule === 'last-good-version')).toHaveLength(2);
    expect(snapshotOf('', good).services).toEqual([]);
  });

  describe('of a peer that names a Secret which is not there', () => {
    const peer = `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: r}
spec: {myASN: 64513, peerASN: 64512, peerAddress: 10.0.0.1, passwordSecret: {name: key}}
`;
    const other = `apiVersion: v1
kind: Secret
metadata: {name: other, namespace: metallb-system}
type: kubernetes.io/basic-auth
stringData: {password: example-key}
`;
    const built = (text: string, mayBePart: boolean, previous?: BuiltSnapshot) =>
      buildSnapshot(objectsOf(text).resources, { ...DEFAULT_PLAN_OPTIONS, mayBePart }, previous);
    const says = ({ config, findings }: BuiltSnapshot) => [
      ...findingLines(findings),
      ...config.peers.map(({ authentication }) => authentication.type),
    ];
    const at = 'secret-not-found BGPPeer/r spec.passwordSecret.name';

    it('takes it to be in the cluster where manifests have no Secret of the namespace', () => {
      expect(says(built(peer, true))).toEqual([`warning ${at}`, 'md5']);
      const elsewhere = other.replace('metallb-system', 'default');
      expect(says(built(`${peer}---\n${elsewhere}`, true))).toEqual([`warning ${at}`, 'md5']);
    });

    it('leaves the peer out where they have one, and where a process runs', () => {
      expect(says(built(`${peer}---\n${other}`, true))).toEqual([`error ${at}`]);
      expect(says(built(peer, false))).toEqual([`error ${at}`]);
    });

    it('does not take a key that was never known for one that it had', () => {
      const before = built(peer, true);
      expect(says(built(peer, true, before))).toEqual(says(before));
    });
  });

  it('says that a Secret comes after the peer that names it', () => {
    const peer =
      'apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: r}\nspec: {myASN: 1, peerASN: 2, peerAddress: 10.0.0.1, password: k}\n';
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: k, namespace: metallb-system}\nstringData: {password: x}\n';
    expect(findingLines(snapshotOf(`${peer}---\n${secret}`).findings)).toEqual([
      'info secret-after-peer BGPPeer/r spec.password',
    ]);
    expect(snapshotOf(`${secret}---\n${peer}`).findings).toEqual([]);
  });
});

const TEN_FAULTS = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: bad-range}
spec:
  addresses:
    - 192.168.1.0/24
    - 192.168.2.9-192.168.2.1
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: good}
spec:
  addresses: [10.0.0.0/24]
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: overlapping}
spec:
  addresses:
    - 10.0.0.128/25
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: three}
spec:
  myASN: "64513"
  peerASN: 64512
  peerAddress: 192.168.1.300
  holdTime: 2s
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: good}
spec: {myASN: 64513, peerASN: 64512, peerAddress: 192.168.1.1}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: two}
spec:
  communities: [nowhere]
  localPref: -1
---
apiVersion: metallb.io/v1beta1
kind: Community
metadata: {name: c}
spec:
  communities:
    - name: x
      value: no-exprot
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Nearby
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status:
  addresses:
    - {type: InternalIP, address: 1.2.3}
`;

describe('a manifest with ten faults', () => {
  const { resources, findings: collected } = objectsOf(TEN_FAULTS);
  const snapshot = buildSnapshot(resources, DEFAULT_PLAN_OPTIONS);

  it('has ten findings, each with object, path, line and remedy', () => {
    const placed = placeFindings([...collected, ...snapshot.findings], resources);
    expect(
      placed
        .map(
          ({ finding, position }) =>
            `${position?.line} ${finding.object?.kind}/${finding.object?.name} ${finding.rule} ${formatFieldPath(finding.path)}`,
        )
        .sort(),
    ).toEqual(
      [
        '7 IPAddressPool/bad-range bad-range spec.addresses[1]',
        '20 IPAddressPool/overlapping overlapping-ranges spec.addresses[0]',
        '26 BGPPeer/three wrong-type spec.myASN',
        '28 BGPPeer/three bad-address spec.peerAddress',
        '29 BGPPeer/three bad-timers spec.holdTime',
        '40 BGPAdvertisement/two unresolved-community spec.communities[0]',
        '41 BGPAdvertisement/two out-of-range spec.localPref',
        '49 Community/c bad-community spec.communities[0].value',
        '56 Service/s unknown-value spec.externalTrafficPolicy',
        '63 Node/n1 bad-address status.addresses[0].address',
      ].sort(),
    );
    for (const { finding } of placed) {
      expect(finding.severity).toBe('error');
      expect(finding.message).not.toBe('');
      expect(finding.help).not.toBe('');
    }
  });

  it('still uses everything else', () => {
    expect(snapshot.config.pools.map((p) => p.name)).toEqual(['good']);
    expect(snapshot.config.peers.map((p) => p.name)).toEqual(['good']);
  });
});

it('prints no password of any object, whatever is wrong with it', () => {
  const canary = 'canary-51c2';
  const text = `apiVersion: v1
kind: Secret
metadata: {name: k, namespace: metallb-system}
stringData: {password: ${canary}}
---
apiVersion: v1
kind: Secret
metadata: {name: bad, namespace: metallb-system}
data: {password: "${canary}"}
---
apiVersion: v1
kind: Secret
metadata: {name: variable, namespace: metallb-system}
stringData: {password: "${canary}\${${canary.replace('-', '_')}}"}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: a}
spec: {myASN: 1, peerASN: 2, peerAddress: 10.0.0.1, password: ${canary}}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: b}
spec: {myASN: 1, peerASN: 2, peerAddress: 10.0.0.2, password: k}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: c}
spec: {myASN: 1, peerASN: 2, peerAddress: 10.0.0.3, password: [${canary}]}
`;
  const { resources, findings } = objectsOf(text);
  const snapshot = buildSnapshot(resources, DEFAULT_PLAN_OPTIONS);
  const everything = { findings, snapshot };
  const printed = [
    JSON.stringify(everything, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    inspect(everything, { depth: 20, showHidden: true }),
    String(findings),
  ].join();
  expect(snapshot.findings.length).toBeGreaterThan(2);
  expect(printed).not.toContain('canary');
});

it('reads 10,000 Services with their slices in seconds', () => {
  const text = Array.from(
    { length: 10_000 },
    (_, i) => `${SERVICE.replaceAll('web', `web-${i}`)}---\n${SLICE.replaceAll('web', `web-${i}`)}`,
  ).join('---\n');
  const started = performance.now();
  const snapshot = snapshotOf(text);
  expect(snapshot.endpoints.size).toBe(10_000);
  // Quadratic work would take minutes; the bound leaves room for a slow machine.
  expect(performance.now() - started).toBeLessThan(30_000);
}, 60_000);
