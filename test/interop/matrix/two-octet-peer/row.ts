import { expect } from 'vitest';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'peer without four-octet AS numbers',
  notSupported: { gobgp: 'GoBGP always offers four-octet AS numbers' },
  // What they put together again from AS_PATH and AS4_PATH; FRR without capabilities looks at AS_PATH alone.
  routes: { [PREFIX.ipv4]: { asPath: [4200000000] } },
  routesOf: { frr: { [PREFIX.ipv4]: { asPath: [23456] } }, bird: { [PREFIX.ipv4]: {} } },
  checks: {
    all: async ({ name }, bench) => {
      expect((await bench.session(name)).negotiated?.fourOctetAS).toBe(false);
    },
    exabgp: async (subject) => {
      // AS_PATH with AS_TRANS in two octets, AS4_PATH with the number itself.
      expect(await subject.updateBodies()).toMatch(/40020402015BA0.*C011060201FA56EA00/);
    },
  },
};
