import { expect } from 'vitest';
import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'extended communities',
  routes: { [PREFIX.ipv4]: {} },
  checks: {
    frr: async ({ frr }) =>
      expect(await frr.pathsText(PREFIX.ipv4)).toContain('Extended Community: RT:64512:100 SoO:192.0.2.1:7'),
    bird: async ({ bird }) =>
      expect(await bird.pathsText(PREFIX.ipv4)).toMatch(
        /BGP\.ext_community: \(rt, ?64512, ?100\) \(ro, ?192\.0\.2\.1, ?7\)/,
      ),
    gobgp: async ({ gobgp }) => {
      const paths = (await gobgp.rib('ipv4')).get(PREFIX.ipv4);
      expect(JSON.stringify(paths)).toMatch(/64512:100.*192\.0\.2\.1:7/);
    },
    // The octets as they came: what its parser makes of them is not in the events.
    exabgp: async ({ exabgp }) =>
      expect(JSON.stringify(await exabgp.events())).toContain('C010100002FC00000000640103C00002010007'),
  },
};
