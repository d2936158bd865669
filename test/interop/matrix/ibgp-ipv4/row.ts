import { type Capability, PREFIX } from '../harness/capability.ts';

export const row: Capability = {
  title: 'iBGP, IPv4; LOCAL_PREF',
  routes: {
    [PREFIX.ipv4]: { asPath: [], localPref: 100 },
    [PREFIX.second]: { asPath: [], localPref: 200 },
  },
};
