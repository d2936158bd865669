import { type Capability, PREFIX } from '../harness/capability.ts';
import { holds } from '../harness/run-row.ts';

export const row: Capability = {
  title: 'one route withdrawn',
  routes: { [PREFIX.ipv4]: {}, [PREFIX.second]: {} },
  act: async (bench) =>
    bench.edit((manifests) => manifests.replace('ready: true, serving: true', 'ready: false, serving: false')),
  checksAfter: {
    all: async (subject, bench) => {
      await holds(subject, { [PREFIX.second]: null, [PREFIX.ipv4]: {} }, bench);
      await bench.unbroken(subject.name);
    },
  },
};
