import { describe, expect, it } from 'vitest';
import { LEASE, SERVICE } from '../kube/resource-types.ts';
import { KubeError } from '../kube/types.ts';
import { ingressOf, Stage } from './testing/stage.ts';

/** Two controllers, the first of which leads. */
async function two() {
  const stage = new Stage();
  stage.pool('web', '10.0.0.0/16');
  const first = stage.start('controller-a');
  await stage.run(1_000);
  const second = stage.start('controller-b');
  await stage.run(3_000);
  return { stage, first, second };
}

/** All that anybody is cut off from the API of. */
const cutOff = (stage: Stage, pod: string): void => {
  stage.api.fault = (_verb, _type, _key, client) => {
    if (client === pod) throw new KubeError('connection refused', 0, 'ECONNREFUSED');
  };
  stage.api.cut(pod);
};

describe('two controllers', () => {
  it('of which one leads: the other is ready and writes nothing', async () => {
    const { stage, first, second } = await two();
    expect([first.leading(), second.leading()]).toEqual([true, false]);
    expect([first.ready(), second.ready()]).toEqual([true, true]);
    for (let i = 0; i < 10; i++) stage.service(`s${i}`);
    await stage.run(5_000);
    expect(stage.api.writes.filter(({ client }) => client === 'controller-b')).toEqual([]);
    expect(second.metrics()).toMatchObject({ leading: false, config: { loaded: true, stale: false } });
    await first.stop();
    await second.stop();
  });

  it('never give a Service two addresses, nor an address to two, whoever is cut off when', async () => {
    const { stage, first, second } = await two();
    let made = 0;
    const addresses = new Map<string, string>();
    const look = (): void => {
      const holders = new Map<string, string>();
      for (const service of stage.api.objects(SERVICE)) {
        const [ip] = ingressOf(service);
        if (ip === undefined) continue;
        const { name } = service.metadata;
        expect(holders.get(ip), `${ip} is had by ${name} and another`).toBeUndefined();
        holders.set(ip, name);
        expect(addresses.get(name) ?? ip, `${name} moved`).toBe(ip);
        addresses.set(name, ip);
      }
    };
    for (const [round, pod] of ['controller-a', 'controller-b', 'controller-a', ''].entries()) {
      for (let i = 0; i < 40; i++) {
        stage.service(`s${made++}`);
        if (i === 20) cutOff(stage, pod);
        await stage.run(500, 25);
        look();
      }
      await stage.run(15_000, 100);
      look();
      if (round < 3) expect([first, second].filter((one) => one.leading())).toHaveLength(1);
    }
    stage.api.fault = null;
    await stage.run(40_000, 200);
    look();
    expect(addresses.size).toBe(made);
    await first.stop();
    await second.stop();
  });

  it('take over in less than 10 s after one is cut off, and at once where it ends in good order', async () => {
    const { stage, first, second } = await two();
    stage.service('before');
    await stage.run(1_000);
    const before = stage.ips('before');
    cutOff(stage, 'controller-a');
    stage.service('meanwhile');
    let ms = 0;
    for (; stage.ips('meanwhile').length === 0 && ms < 60_000; ms += 100) await stage.run(100);
    expect(ms).toBeLessThan(10_000);
    expect(second.leading()).toBe(true);
    expect(first.leading()).toBe(false);
    expect(stage.ips('before')).toEqual(before);
    stage.api.fault = null;
    await stage.run(40_000, 200);
    expect(first.leading()).toBe(false);
    await second.stop();
    stage.service('after');
    for (ms = 0; stage.ips('after').length === 0 && ms < 60_000; ms += 100) await stage.run(100);
    expect(ms).toBeLessThan(3_500);
    expect(first.leading()).toBe(true);
    await first.stop();
    expect(stage.api.objects(LEASE)).toHaveLength(1);
  });

  it.each([0, 300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400])(
    'take over in less than 10 s whenever the leader is cut off (%i ms later)',
    async (phase) => {
      const { stage, first, second } = await two();
      await stage.run(phase);
      cutOff(stage, 'controller-a');
      stage.service('meanwhile');
      let ms = 0;
      for (; stage.ips('meanwhile').length === 0 && ms < 60_000; ms += 100) await stage.run(100);
      expect(ms).toBeLessThan(10_000);
      await first.stop();
      await second.stop();
    },
  );

  it('adopt also what the leader before wrote last, that no watch has told of', async () => {
    const { stage, first, second } = await two();
    stage.service('shop', {}, { annotations: { 'metallb.io/loadBalancerIPs': '10.0.7.7' } });
    // The standby is deaf, and the leader dies as soon as it has written.
    stage.api.cut('controller-b');
    await stage.run(1_000);
    cutOff(stage, 'controller-a');
    stage.api.edit(SERVICE, 'default/shop', { metadata: { annotations: { 'metallb.io/loadBalancerIPs': null } } });
    await stage.run(20_000);
    expect(second.leading()).toBe(true);
    expect(stage.ips('shop')).toEqual(['10.0.7.7']);
    await first.stop();
    await second.stop();
  });
});
