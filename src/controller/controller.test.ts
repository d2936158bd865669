import { describe, expect, it } from 'vitest';
import {
  BGP_ADVERTISEMENT,
  BGP_PEER,
  CONFIGURATION_STATE,
  EVENT,
  IP_ADDRESS_POOL,
  SERVICE,
} from '../kube/resource-types.ts';
import { KubeError } from '../kube/types.ts';
import { POOL_ANNOTATION } from './objects.ts';
import { ingressOf, OWN, Stage } from './testing/stage.ts';

const POOLED = '192.0.2.0/24';

async function leading(stage = new Stage(), ...addresses: readonly string[]) {
  stage.pool('web', ...(addresses.length === 0 ? [POOLED] : addresses));
  const controller = stage.start();
  await stage.run(2_000);
  return { stage, controller };
}

const eventsOf = (stage: Stage, kind = 'Service') =>
  stage.api
    .objects(EVENT)
    .filter(({ involvedObject }) => (involvedObject as { readonly kind: string }).kind === kind)
    .map(({ type, reason, message }) => ({ type, reason, message }));

const conditionsOf = (stage: Stage, type = IP_ADDRESS_POOL, name = 'web') =>
  (stage.api.get(type, `${OWN}/${name}`)?.status as { readonly conditions?: readonly unknown[] } | undefined)
    ?.conditions;

describe('addresses', () => {
  it('come with the annotation in one write, and then it is quiet', async () => {
    const { stage, controller } = await leading();
    expect(controller.ready()).toBe(true);
    stage.service('shop');
    await stage.run(3_000);
    expect(stage.ips('shop')).toEqual(['192.0.2.0']);
    expect(stage.api.get(SERVICE, 'default/shop')?.metadata.annotations).toEqual({ [POOL_ANNOTATION]: 'web' });
    expect(eventsOf(stage)).toEqual([
      { type: 'Normal', reason: 'IPAllocated', message: 'Assigned IP ["192.0.2.0"] from pool "web"' },
    ]);
    await stage.run(60_000, 500);
    expect(stage.written(SERVICE)).toHaveLength(1);
    await controller.stop();
  });

  it('cost nothing but the writes that they need, over a thousand creates and deletes', async () => {
    const { stage, controller } = await leading(new Stage(), '10.0.0.0/16');
    for (let i = 0; i < 1_000; i++) {
      stage.service(`s${i}`);
      if (i % 50 === 0) await stage.run(100);
    }
    await stage.run(3_000);
    expect(stage.written(SERVICE)).toHaveLength(1_000);
    for (let i = 0; i < 1_000; i++) stage.api.remove(SERVICE, `default/s${i}`);
    await stage.run(3_000);
    expect(stage.written(SERVICE)).toHaveLength(1_000);
    const idle = stage.api.writes.filter(({ client, changed }) => client !== 'user' && !changed);
    expect(idle).toEqual([]);
    await controller.stop();
  });

  it('of others stay untouched when one Service goes', async () => {
    const { stage, controller } = await leading(new Stage(), '10.0.0.0/16');
    for (let i = 0; i < 1_060; i++) stage.service(`s${i}`);
    await stage.run(3_000);
    const before = stage.written(SERVICE).length;
    stage.api.remove(SERVICE, 'default/s7');
    await stage.run(10_000, 500);
    expect(stage.written(SERVICE)).toHaveLength(before);
    await controller.stop();
  });

  it('that run out are said, and given to who waits when one is free', async () => {
    const { stage, controller } = await leading(new Stage(), '192.0.2.1/32');
    stage.service('first');
    stage.service('second');
    await stage.run(1_000);
    expect(stage.ips('second')).toEqual([]);
    const failed = eventsOf(stage).filter(({ reason }) => reason === 'AllocationFailed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      type: 'Warning',
      message: expect.stringContaining('Failed to allocate IP for "default/second"'),
    });
    expect(failed[0]?.message).toContain('web');
    stage.api.remove(SERVICE, 'default/first');
    await stage.run(1_000);
    expect(stage.ips('second')).toEqual(['192.0.2.1']);
    await controller.stop();
  });

  it('are taken away with the pool, and the annotation too', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    await stage.run(1_000);
    stage.api.remove(IP_ADDRESS_POOL, `${OWN}/web`);
    await stage.run(1_000);
    expect(stage.ips('shop')).toEqual([]);
    expect(stage.api.get(SERVICE, 'default/shop')?.metadata.annotations).toEqual({});
    await controller.stop();
  });

  it('are not given to Services of another class, nor written to them', async () => {
    const { stage, controller } = await leading();
    stage.service(
      'theirs',
      { loadBalancerClass: 'example.com/other' },
      {},
      { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } },
    );
    await stage.run(5_000);
    expect(stage.ips('theirs')).toEqual(['203.0.113.9']);
    expect(stage.written(SERVICE)).toEqual([]);
    await controller.stop();
  });

  it('leave no annotation on a Service that is no LoadBalancer any more, whose status the API server empties', async () => {
    const { stage, controller } = await leading(new Stage(), '192.0.2.1/32');
    stage.service('shop');
    await stage.run(1_000);
    stage.api.edit(SERVICE, 'default/shop', { spec: { type: 'ClusterIP' } });
    await stage.run(1_000);
    expect(stage.ips('shop')).toEqual([]);
    expect(stage.api.get(SERVICE, 'default/shop')?.metadata.annotations).toEqual({});
    stage.service('next');
    await stage.run(1_000);
    expect(stage.ips('next')).toEqual(['192.0.2.1']);
    await controller.stop();
  });

  it('go to a Service that was made anew under its name, which gets nothing of the old one', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    await stage.run(1_000);
    // The old one's write is on its way when the new one comes.
    let release = (): void => undefined;
    stage.api.fault = (verb, type) =>
      verb === 'patch' && type === SERVICE
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : undefined;
    stage.api.edit(SERVICE, 'default/shop', {
      metadata: { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.7' } },
    });
    await stage.run(100);
    stage.api.remove(SERVICE, 'default/shop');
    stage.service('shop', {}, { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.9' } });
    stage.api.fault = null;
    release();
    await stage.run(10_000);
    expect(stage.ips('shop')).toEqual(['192.0.2.9']);
    expect(controller.metrics().writes).toContainEqual({ resource: 'services', outcome: 'dropped', count: 1 });
    await controller.stop();
  });

  it('of two families are written in the order that is asked for', async () => {
    const { stage, controller } = await leading(new Stage(), POOLED, '2001:db8::/64');
    const dual = {
      clusterIPs: ['10.96.0.2', 'fd00::2'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    };
    stage.service('dual', dual, { annotations: { 'metallb.io/loadBalancerIPs': '2001:db8::5,192.0.2.5' } });
    stage.service('any', dual);
    await stage.run(1_000);
    expect(stage.ips('dual')).toEqual(['2001:db8::5', '192.0.2.5']);
    const [v4, v6] = stage.ips('any');
    const writes = stage.written(SERVICE).length;
    // Without a request the order means nothing.
    stage.api.edit(SERVICE, 'default/any', { status: { loadBalancer: { ingress: [{ ip: v6 }, { ip: v4 }] } } });
    await stage.run(1_000);
    expect(stage.written(SERVICE)).toHaveLength(writes);
    stage.api.edit(SERVICE, 'default/dual', {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.5' }, { ip: '2001:db8::5' }] } },
    });
    await stage.run(1_000);
    expect(stage.ips('dual')).toEqual(['2001:db8::5', '192.0.2.5']);
    await controller.stop();
  });
});

describe('faults', () => {
  it('an API that is away for an hour loses nothing: writes resume', async () => {
    const { stage, controller } = await leading();
    stage.service('before');
    await stage.run(1_000);
    stage.api.fault = () => {
      throw new KubeError('connection refused', 0, 'ECONNREFUSED');
    };
    stage.api.cut();
    stage.service('meanwhile');
    stage.api.remove(SERVICE, 'default/before');
    stage.service('after');
    await stage.run(3_600_000, 1_000);
    expect(controller.leading()).toBe(false);
    expect(controller.live()).toBe(true);
    stage.api.fault = null;
    await stage.run(60_000, 500);
    expect(stage.ips('meanwhile')).not.toEqual([]);
    expect(stage.ips('after')).not.toEqual([]);
    expect(stage.ips('after')).not.toEqual(stage.ips('meanwhile'));
    expect(stage.lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['watchFailing', 'watchRestored', 'notLeading']),
    );
    await controller.stop();
  });

  it('an API that is away moves no address, also not of a pool that is faulty by now', async () => {
    const { stage, controller } = await leading();
    stage.service('shop', {}, { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.77' } });
    await stage.run(1_000);
    stage.api.edit(IP_ADDRESS_POOL, `${OWN}/web`, { spec: { addresses: ['nonsense'] } });
    await stage.run(2_000);
    stage.api.fault = () => {
      throw new KubeError('connection refused', 0, 'ECONNREFUSED');
    };
    stage.api.cut();
    await stage.run(60_000, 500);
    stage.api.fault = null;
    await stage.run(60_000, 500);
    expect(controller.leading()).toBe(true);
    expect(stage.ips('shop')).toEqual(['192.0.2.77']);
    expect(stage.written(SERVICE)).toHaveLength(1);
    await controller.stop();
  });

  it('a call that hangs stalls nobody else', async () => {
    const { stage, controller } = await leading();
    stage.api.fault = (verb, type, key) =>
      verb === 'patch' && type === SERVICE && key === 'default/stuck' ? new Promise(() => undefined) : undefined;
    stage.service('stuck');
    for (let i = 0; i < 40; i++) stage.service(`s${i}`);
    await stage.run(1_000);
    expect(stage.api.objects(SERVICE).filter((service) => ingressOf(service).length === 1)).toHaveLength(40);
    stage.api.fault = null;
    await stage.run(60_000, 500);
    expect(stage.ips('stuck')).toHaveLength(1);
    await controller.stop();
  });

  it('Retry-After is kept to', async () => {
    const { stage, controller } = await leading();
    let tries = 0;
    stage.api.fault = (verb, type) => {
      if (verb !== 'patch' || type !== SERVICE) return;
      tries++;
      throw new KubeError('slow down', 429, 'TooManyRequests', 20_000);
    };
    stage.service('shop');
    await stage.run(1_000);
    // A change of the Service is no reason to ask sooner.
    stage.api.edit(SERVICE, 'default/shop', { metadata: { labels: { a: 'b' } } });
    await stage.run(18_000);
    expect(tries).toBe(1);
    stage.api.fault = null;
    await stage.run(5_000);
    expect(stage.ips('shop')).toHaveLength(1);
    await controller.stop();
  });

  it('somebody who sets the status back in a loop is answered at a bounded rate, and it is said', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    await stage.run(1_000);
    const before = stage.written(SERVICE).length;
    for (let i = 0; i < 600; i++) {
      stage.api.edit(
        SERVICE,
        'default/shop',
        { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } },
        'other',
      );
      await stage.run(1_000, 500);
    }
    const writes = stage.written(SERVICE).length - before;
    expect(writes).toBeGreaterThan(10);
    expect(writes).toBeLessThan(30);
    expect(eventsOf(stage)).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'StatusContested' }));
    expect(stage.lines.some(({ event }) => event === 'statusContested')).toBe(true);
    expect(controller.metrics().contested).toBe(writes);
    await stage.run(60_000, 500);
    expect(stage.ips('shop')).toEqual(['192.0.2.0']);
    await controller.stop();
  });

  it('a Service with a megabyte of annotations is a Service', async () => {
    const { stage, controller } = await leading();
    stage.service('big', {}, { annotations: { 'example.com/blob': 'x'.repeat(1_000_000) } });
    await stage.run(1_000);
    expect(stage.ips('big')).toHaveLength(1);
    expect(JSON.stringify(stage.written(SERVICE)).length).toBeLessThan(1_000);
    expect(stage.api.get(SERVICE, 'default/big')?.metadata.annotations?.['example.com/blob']).toHaveLength(1_000_000);
    await controller.stop();
  });

  it('objects that are deleted with their namespace cost no write, and their addresses are free', async () => {
    const { stage, controller } = await leading(new Stage(), '192.0.2.0/26');
    stage.namespace('shop');
    for (let i = 0; i < 64; i++) stage.service(`s${i}`, {}, { namespace: 'shop' });
    await stage.run(1_000);
    const before = stage.written(SERVICE).length;
    for (let i = 0; i < 64; i++) stage.api.remove(SERVICE, `shop/s${i}`);
    await stage.run(1_000);
    expect(stage.written(SERVICE)).toHaveLength(before);
    for (let i = 0; i < 64; i++) stage.service(`t${i}`);
    await stage.run(1_000);
    expect(controller.metrics().services).toEqual({ assigned: 64, pending: 0 });
    await controller.stop();
  });

  it('history that is gone (410) changes nothing', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    await stage.run(1_000);
    const before = stage.api.writes.filter(({ plural }) => plural !== 'leases').length;
    stage.api.compact();
    await stage.run(30_000, 250);
    expect(stage.api.writes.filter(({ plural }) => plural !== 'leases')).toHaveLength(before);
    await controller.stop();
  });
});

describe('a restart', () => {
  it('in the middle of a thousand creates moves no address', async () => {
    const { stage, controller } = await leading(new Stage(), '10.0.0.0/16');
    for (let i = 0; i < 500; i++) stage.service(`s${i}`);
    await stage.run(20, 1);
    const half = new Map(
      stage.api.objects(SERVICE).flatMap((service) => {
        const [ip] = ingressOf(service);
        return ip === undefined ? [] : [[service.metadata.name, ip] as const];
      }),
    );
    await controller.stop();
    for (let i = 500; i < 1_000; i++) stage.service(`s${i}`);
    const next = stage.start('controller-b');
    await stage.run(5_000);
    expect(next.leading()).toBe(true);
    for (const [name, ip] of half) expect(stage.ips(name)).toEqual([ip]);
    const all = stage.api.objects(SERVICE).flatMap(ingressOf);
    expect(all).toHaveLength(1_000);
    expect(new Set(all).size).toBe(1_000);
    const changed = stage.api.writes.filter(({ plural, client }) => plural === 'services' && client !== 'user');
    expect(changed).toHaveLength(1_000);
    await next.stop();
  });

  it('lets everybody keep what is allowed before anybody gets a new one, and then goes by age', async () => {
    const stage = new Stage();
    stage.pool('web', '192.0.2.1-192.0.2.3');
    const has = (ip: string) => ({ loadBalancer: { ingress: [{ ip }] } });
    stage.service('oldest');
    stage.service('outside', {}, {}, has('203.0.113.1'));
    stage.service('first', {}, {}, has('192.0.2.1'));
    stage.service('rival', {}, {}, has('192.0.2.1'));
    stage.service('keeps', {}, {}, has('192.0.2.3'));
    const controller = stage.start();
    await stage.run(3_000);
    const names = ['oldest', 'outside', 'first', 'rival', 'keeps'];
    expect(names.map((name) => stage.ips(name))).toEqual([['192.0.2.2'], [], ['192.0.2.1'], [], ['192.0.2.3']]);
    expect(
      eventsOf(stage)
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['AllocationFailed', 'AllocationFailed', 'ClearAssignment', 'ClearAssignment', 'IPAllocated']);
    await controller.stop();
  });

  it('takes in what happens to Services while they are adopted', async () => {
    const stage = new Stage();
    stage.pool('web', '10.0.0.0/16');
    for (let i = 0; i < 2_000; i++) stage.service(`s${i}`);
    let turns = 0;
    const controller = stage.start('controller-a', {}, async () => {
      // Ten sources begin, the list is fifty turns, sorting eighty, the adoption a hundred, and then everything is checked.
      if (++turns < 170 || turns > 185) return;
      stage.api.remove(SERVICE, `default/s${turns}`);
      stage.service(`late${turns}`);
      stage.api.edit(SERVICE, `default/s${turns + 100}`, {
        metadata: { annotations: { 'metallb.io/loadBalancerIPs': `10.0.200.${turns}` } },
      });
    });
    await stage.run(5_000);
    expect(turns).toBeGreaterThan(185);
    const all = stage.api.objects(SERVICE).flatMap(ingressOf);
    expect(all).toHaveLength(2_000);
    expect(new Set(all).size).toBe(2_000);
    for (let turn = 170; turn <= 185; turn++) expect(stage.ips(`s${turn + 100}`)).toEqual([`10.0.200.${turn}`]);
    expect(controller.metrics().services).toEqual({ assigned: 2_000, pending: 0 });
    await controller.stop();
  });

  it.each([3, 5, 10, 15, 20])(
    'that is stopped while Services are adopted writes nothing more (turn %i)',
    async (turn) => {
      const stage = new Stage();
      stage.pool('web', '10.0.0.0/16');
      for (let i = 0; i < 1_000; i++) stage.service(`s${i}`);
      let turns = 0;
      let end: Promise<void> | null = null;
      const controller = stage.start('controller-a', {}, async () => {
        if (++turns === turn) end = controller.stop();
      });
      await stage.run(5_000);
      expect(end).not.toBeNull();
      await end;
      expect(stage.written(SERVICE)).toEqual([]);
    },
  );

  it('writes nothing where everything is as it should be', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    stage.pool('faulty', 'nonsense');
    stage.peer('router', { peerAddress: '10.0.0.1' });
    await stage.run(5_000);
    await controller.stop();
    const before = stage.api.writes.length;
    const next = stage.start('controller-b');
    await stage.run(5_000);
    const writes = stage.api.writes.slice(before).filter(({ plural }) => plural !== 'leases');
    expect(writes).toEqual([]);
    await next.stop();
  });
});

describe('the configuration', () => {
  it('shows what became of each object: a faulty one says so, and the rest works', async () => {
    const { stage, controller } = await leading();
    stage.pool('faulty', '192.0.2.999/24');
    stage.service('shop');
    await stage.run(2_000);
    expect(stage.ips('shop')).toHaveLength(1);
    expect(conditionsOf(stage)).toEqual([
      {
        type: 'Accepted',
        status: 'True',
        reason: 'Accepted',
        message: '',
        observedGeneration: 1,
        lastTransitionTime: expect.stringMatching(/^2026-06-01T00:00:\d\dZ$/),
      },
    ]);
    expect(conditionsOf(stage, IP_ADDRESS_POOL, 'faulty')).toEqual([
      expect.objectContaining({
        type: 'Accepted',
        status: 'False',
        reason: 'Invalid',
        message: expect.stringContaining('spec.addresses[0]'),
      }),
    ]);
    expect(eventsOf(stage, 'IPAddressPool')).toEqual([
      { type: 'Warning', reason: 'ConfigurationError', message: expect.stringContaining('spec.addresses[0]') },
    ]);
    expect(stage.api.get(CONFIGURATION_STATE, `${OWN}/controller`)?.status).toMatchObject({
      result: 'Invalid',
      errorSummary: expect.stringContaining('configuration error: IPAddressPool faulty: spec.addresses[0]'),
      conditions: [{ type: 'poolReconcilerValid', status: 'False', reason: 'ConfigurationError' }],
    });
    expect(controller.metrics().config).toEqual({ loaded: true, stale: true });
    stage.api.edit(IP_ADDRESS_POOL, `${OWN}/faulty`, { spec: { addresses: ['198.51.100.0/24'] } });
    await stage.run(3_000);
    expect(conditionsOf(stage, IP_ADDRESS_POOL, 'faulty')).toEqual([
      expect.objectContaining({ status: 'True', observedGeneration: 2 }),
    ]);
    expect(eventsOf(stage, 'IPAddressPool')).toContainEqual(
      expect.objectContaining({ reason: 'ConfigurationAccepted' }),
    );
    expect(stage.api.get(CONFIGURATION_STATE, `${OWN}/controller`)?.status).toMatchObject({
      result: 'Valid',
      conditions: [{ type: 'poolReconcilerValid', status: 'True', reason: 'Reconciled' }],
    });
    await controller.stop();
  });

  it('keeps the last good version of what turns faulty, and says so', async () => {
    const { stage, controller } = await leading();
    stage.service('shop');
    await stage.run(1_000);
    stage.api.edit(IP_ADDRESS_POOL, `${OWN}/web`, { spec: { addresses: ['nonsense'] } });
    await stage.run(3_000);
    expect(stage.ips('shop')).toEqual(['192.0.2.0']);
    expect(conditionsOf(stage)).toEqual([expect.objectContaining({ status: 'False', reason: 'LastGoodVersion' })]);
    await controller.stop();
  });

  it('says what the decisions demand: selectors, key as text, local preference, superseded peers', async () => {
    const stage = new Stage();
    stage.node('node1', { rack: 'a' });
    stage.node('node2', { edge: 'true' });
    stage.peer('selected', {
      peerAddress: '10.0.0.1',
      nodeSelectors: [{ matchLabels: { rack: 'a' } }, { matchLabels: { edge: 'true' } }],
    });
    stage.peer('plain', { peerAddress: '10.0.0.2', password: 'hunter2' });
    stage.peer('twin', { peerAddress: '10.0.0.2' });
    stage.advertisement('preferred', { localPref: 200 });
    const { controller } = await leading(stage);
    await stage.run(3_000);
    const warning = (type: typeof BGP_PEER, name: string) =>
      conditionsOf(stage, type, name)?.find((one) => (one as { readonly type: string }).type === 'Warnings');
    expect(warning(BGP_PEER, 'selected')).toMatchObject({
      message: expect.stringContaining('THIS PEER HAS NO SESSION ON ANY NODE'),
    });
    expect(warning(BGP_PEER, 'plain')).toMatchObject({ message: expect.stringContaining('Secret') });
    expect(warning(BGP_PEER, 'twin')).toMatchObject({
      message: expect.stringContaining('plain is the same router and holds the session'),
    });
    expect(warning(BGP_ADVERTISEMENT, 'preferred')).toMatchObject({
      message: expect.stringContaining('is not sent to'),
    });
    expect(stage.api.get(BGP_ADVERTISEMENT, `${OWN}/preferred`)?.status).toMatchObject({
      state: 'Warnings',
      services: 0,
    });
    const said = JSON.stringify([
      stage.lines,
      stage.api.writes.filter(({ client }) => client !== 'user'),
      controller.state(),
    ]);
    expect(said).not.toContain('hunter2');
    await controller.stop();
  });

  it('counts: addresses of a pool, Services of an advertisement', async () => {
    const { stage, controller } = await leading(new Stage(), '192.0.2.0/30', '2001:db8::/32');
    stage.advertisement('all');
    stage.advertisement('gold', { serviceSelectors: [{ matchLabels: { tier: 'gold' } }] });
    stage.service('a');
    stage.service('b', {}, { labels: { tier: 'gold' } });
    await stage.run(3_000);
    expect(stage.api.get(IP_ADDRESS_POOL, `${OWN}/web`)?.status).toMatchObject({
      assignedIPv4: 2,
      assignedIPv6: 0,
      availableIPv4: 2,
      // The largest number of JavaScript below 2^63.
      availableIPv6: Number(2n ** 63n - 1_024n),
    });
    const services = (name: string) =>
      (stage.api.get(BGP_ADVERTISEMENT, `${OWN}/${name}`)?.status as { readonly services: number } | undefined)
        ?.services;
    expect([services('all'), services('gold')]).toEqual([2, 1]);
    stage.api.edit(SERVICE, 'default/a', { metadata: { labels: { tier: 'gold' } } });
    await stage.run(3_000);
    expect([services('all'), services('gold')]).toEqual([2, 2]);
    stage.api.remove(SERVICE, 'default/b');
    await stage.run(3_000);
    expect([services('all'), services('gold')]).toEqual([1, 1]);
    await controller.stop();
  });

  it('has its numbers written at most once a second and object', async () => {
    const { stage, controller } = await leading(new Stage(), '10.0.0.0/16');
    for (let i = 0; i < 100; i++) {
      stage.service(`s${i}`);
      await stage.run(100);
    }
    expect(stage.written(IP_ADDRESS_POOL).length).toBeLessThanOrEqual(13);
    await stage.run(2_000);
    expect(stage.api.get(IP_ADDRESS_POOL, `${OWN}/web`)?.status).toMatchObject({ assignedIPv4: 100 });
    await controller.stop();
  });

  it('has its ConfigurationState made again where somebody deletes it', async () => {
    const { stage, controller } = await leading();
    await stage.run(3_000);
    stage.api.remove(CONFIGURATION_STATE, `${OWN}/controller`);
    await stage.run(3_000);
    expect(stage.api.get(CONFIGURATION_STATE, `${OWN}/controller`)?.status).toMatchObject({ result: 'Valid' });
    await controller.stop();
  });
});
