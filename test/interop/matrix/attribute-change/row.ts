import { type Capability, PREFIX } from '../harness/capability.ts';
import { holds } from '../harness/run-row.ts';

export const row: Capability = {
  title: 'attributes changed without a reset',
  routes: { [PREFIX.ipv4]: { communities: ['64512:100'] } },
  act: async (bench) => bench.edit((manifests) => manifests.replace('64512:100', '64512:200')),
  checksAfter: {
    all: async (subject, bench) => {
      await holds(subject, { [PREFIX.ipv4]: { communities: ['64512:200'] } }, bench);
      await bench.unbroken(subject.name);
    },
  },
};
