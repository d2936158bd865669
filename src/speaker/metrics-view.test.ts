import { describe, expect, it } from 'vitest';
import type { AssignedService } from '../announce/bgp.ts';
import { type Ip, parseIp } from '../net/ip.ts';
import { parsePrefix } from '../net/prefix.ts';
import type { NodePlan } from '../plan/node-plan.ts';
import { announcedOf } from './metrics-view.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const service = (key: string, ...ips: string[]): AssignedService =>
  ({ service: { key }, ips: ips.map(ip) }) as unknown as AssignedService;
const session = (...routes: [prefix: string, services: string[]][]): NodePlan['sessions'][number] =>
  ({
    routes: routes.map(([text, services]) => {
      const prefix = parsePrefix(text);
      return { prefix: prefix.ok ? prefix.value : undefined, services };
    }),
  }) as unknown as NodePlan['sessions'][number];

describe('announcedOf', () => {
  it('has each address once, however many peers get it, and only the addresses inside of the prefix', () => {
    const plan = {
      assigned: [service('a/one', '198.51.100.1', '2001:db8::1'), service('a/two', '198.51.100.2'), service('a/three')],
    };
    const sessions = [
      session(['198.51.100.0/24', ['a/one', 'a/two']], ['198.51.100.1/32', ['a/one']]),
      session(['198.51.100.1/32', ['a/one', 'a/gone']]),
    ];
    expect(announcedOf(plan, { node: 'n', sessions, notAnnounced: [] })).toEqual([
      { service: 'a/one', protocol: 'bgp', ip: '198.51.100.1' },
      { service: 'a/two', protocol: 'bgp', ip: '198.51.100.2' },
    ]);
  });
});
