/** Our speaker and GoBGP on a cable, without root: what GoBGP's RIB holds is what the manifests say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Daemon } from '../../lab/daemon.ts';
import { Gobgp, type GobgpPath } from '../../lab/gobgp.ts';
import { NODE, NODE_ASN, Pair, PREFIXES, ROUTER, ROUTER_ASN } from '../../lab/pair.ts';
import { testObstacle, titled } from '../../lab/requirements.ts';
import { until } from '../../lab/run.ts';
import { Sandbox } from '../../lab/sandbox.ts';

const KEY = 'gobgp-and-speaker';
/** GoBGP waits some seconds before it takes or makes its first connection. */
const TIMEOUT = { timeoutMs: 45_000 };

const neighbor = (family: 'ipv4' | 'ipv6'): string => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${NODE[family]}"
    peer-as = ${NODE_ASN}
    auth-password = "${KEY}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${family}-unicast"
`;

const CONFIG = `
[global.config]
  as = ${ROUTER_ASN}
  router-id = "${ROUTER.ipv4}"
${neighbor('ipv4')}${neighbor('ipv6')}`;

const obstacle = await testObstacle('unprivileged', ['gobgpd']);

describe.skipIf(obstacle !== undefined)(titled('GoBGP as the router', obstacle), () => {
  let sandbox: Sandbox;
  let gobgp: Gobgp;
  let speaker: Daemon;

  beforeAll(async () => {
    sandbox = new Sandbox('unprivileged');
    const pair = await Pair.build(sandbox);
    gobgp = await Gobgp.start({ sandbox, namespace: pair.router, config: CONFIG });
    speaker = pair.startSpeaker({ families: ['ipv4', 'ipv6'], password: KEY });
  });
  afterAll(() => sandbox.close());

  /** An attribute of a path by its IANA type code. */
  const attribute = (path: GobgpPath, type: number): Readonly<Record<string, unknown>> | undefined =>
    path.attrs.find((candidate) => candidate.type === type);

  it.each(['ipv4', 'ipv6'] as const)('has the %s route with next hop, path and communities', async (family) => {
    const rib = await until(`route in GoBGP`, () => gobgp.rib(family), {
      ...TIMEOUT,
      done: (table) => table.has(PREFIXES[family]),
    });
    expect([...rib.keys()]).toEqual([PREFIXES[family]]);
    const [path, ...others] = rib.get(PREFIXES[family]) ?? [];
    expect(others).toEqual([]);
    if (path === undefined) throw new Error('no path');
    expect(attribute(path, 1)).toMatchObject({ value: 0 });
    expect(attribute(path, 2)).toMatchObject({ as_paths: [{ asns: [NODE_ASN] }] });
    const nextHop = family === 'ipv4' ? attribute(path, 3) : attribute(path, 14);
    expect(nextHop).toMatchObject({ nexthop: NODE[family] });
    expect(attribute(path, 8)).toMatchObject({ communities: [64512 * 65536 + 100] });
    expect(attribute(path, 32)).toMatchObject({ value: [{ ASN: 64512, LocalData1: 1, LocalData2: 2 }] });
    // Neither to an external peer.
    expect(attribute(path, 5)).toBeUndefined();
    expect(attribute(path, 4)).toBeUndefined();
  });

  it('loses both routes when the speaker says goodbye', async () => {
    expect(await speaker.stop('SIGTERM')).toBe(0);
    for (const family of ['ipv4', 'ipv6'] as const) {
      await until('empty RIB', () => gobgp.rib(family), { ...TIMEOUT, done: (table) => table.size === 0 });
    }
  });
});
