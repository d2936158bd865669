import { expect, it } from 'vitest';
import type { SecurityContext } from './pod.ts';
import { privilegesOf } from './privileges.ts';

const of = (securityContext: SecurityContext, pod = {}) =>
  privilegesOf({ name: 'c', image: 'i', securityContext }, { securityContext: pod });

it('keeps what containerd keeps where nothing is said', () => {
  const { dropped } = of({});
  expect(dropped).toContain('cap_net_admin');
  expect(dropped).not.toContain('cap_net_raw');
  expect(dropped).toHaveLength(41 - 14);
});

it('keeps only what is added where all is dropped', () => {
  const { dropped } = of({ capabilities: { drop: ['ALL'], add: ['NET_RAW', 'NET_BIND_SERVICE'] } });
  expect(dropped).toHaveLength(41 - 2);
  expect(dropped).not.toContain('cap_net_raw');
});

it('drops nothing of a privileged container', () => {
  expect(of({ privileged: true }).dropped).toEqual([]);
});

it("takes the container's user before the Pod's", () => {
  expect(of({ runAsUser: 1 }, { runAsUser: 2, runAsGroup: 3 })).toMatchObject({ uid: 1, gid: 3 });
});
