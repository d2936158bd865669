/** Two BFD engines with a network between them: they come Up, notice what is gone in time, and take nothing for gone that is not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { BfdLink, losing } from './bfd-link.ts';
import { seeded } from './sim-link.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const interval = fc.constantFrom(10_000, 20_000, 50_000, 100_000, 300_000, 1_000_000, 2_000_000);
const profile = fc.record({
  desiredMinTxInterval: interval,
  requiredMinRxInterval: interval,
  detectMult: fc.integer({ min: 2, max: 10 }),
});

describe('two engines', () => {
  it('come Up within seconds over a network that loses a third and reorders what it does not', () => {
    fc.assert(
      fc.property(seeds, profile, profile, (seed, a, b) => {
        const random = seeded(seed);
        const link = new BfdLink(random, a, b);
        for (const end of link.ends) end.fate = losing(random, 0.33, 5, () => random() * 30);
        link.start();
        expect(link.untilUp(60_000)).not.toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('agree on the slower of what one sends and the other takes, whatever they are told', () => {
    fc.assert(
      fc.property(seeds, profile, profile, (seed, a, b) => {
        const link = new BfdLink(seeded(seed), a, b).start();
        expect(link.untilUp(30_000)).not.toBeNull();
        link.clock.advance(20_000);
        const [statusA, statusB] = [link.a.session.status, link.b.session.status];
        const aToB = Math.max(a.desiredMinTxInterval, b.requiredMinRxInterval) / 1_000;
        const bToA = Math.max(b.desiredMinTxInterval, a.requiredMinRxInterval) / 1_000;
        expect([statusA.transmitIntervalMs, statusB.transmitIntervalMs]).toEqual([aToB, bToA]);
        expect([statusB.detectionTimeMs, statusA.detectionTimeMs]).toEqual([a.detectMult * aToB, b.detectMult * bToA]);
        expect([statusA.polling, statusB.polling]).toEqual([false, false]);
      }),
      { numRuns: 100 },
    );
  });

  it('never take the other for gone while fewer packets in a row are lost than the multiplier', () => {
    fc.assert(
      fc.property(seeds, profile, profile, (seed, a, b) => {
        const random = seeded(seed);
        const link = new BfdLink(random, a, b).start();
        expect(link.untilUp(30_000)).not.toBeNull();
        link.clock.advance(10_000);
        link.a.fate = losing(random, 0.5, a.detectMult - 1, () => 5);
        link.b.fate = losing(random, 0.5, b.detectMult - 1, () => 5);
        link.clock.advance(60_000);
        expect(link.ends.map(({ downs }) => downs)).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('stay Up where packets overtake each other by several intervals, and where they are doubled', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seeded(seed);
        const config = { desiredMinTxInterval: 50_000, requiredMinRxInterval: 50_000, detectMult: 10 };
        const link = new BfdLink(random, config, config).start();
        expect(link.untilUp(30_000)).not.toBeNull();
        link.clock.advance(5_000);
        for (const end of link.ends) end.fate = () => (random() < 0.2 ? [1, random() * 200] : [random() * 200]);
        link.clock.advance(60_000);
        expect(link.ends.map(({ downs }) => downs)).toEqual([0, 0]);
      }),
      { numRuns: 20 },
    );
  });

  it('change their intervals again and again without a flap, also where Polls and Finals are lost', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(fc.tuple(fc.boolean(), profile, fc.integer({ min: 0, max: 3_000 })), { minLength: 1, maxLength: 12 }),
        (seed, changes) => {
          const random = seeded(seed);
          const mult = { detectMult: 4 };
          const link = new BfdLink(random, mult, mult).start();
          expect(link.untilUp(30_000)).not.toBeNull();
          link.clock.advance(10_000);
          for (const end of link.ends) end.fate = losing(random, 0.4, 2, () => 2);
          for (const [left, change, waitMs] of changes) {
            (left ? link.a : link.b).session.update({ ...BASE, ...change, ...mult });
            link.clock.advance(waitMs);
          }
          link.clock.advance(60_000);
          expect(link.ends.map(({ downs }) => downs)).toEqual([0, 0]);
          expect(link.ends.map(({ session }) => session.status.polling)).toEqual([false, false]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('notice a cut exactly when the Detection Time since the last packet is over', () => {
    fc.assert(
      fc.property(seeds, profile, profile, fc.integer({ min: 0, max: 5_000 }), (seed, a, b, waitMs) => {
        const link = new BfdLink(seeded(seed), a, b).start();
        expect(link.untilUp(30_000)).not.toBeNull();
        link.clock.advance(10_000 + waitMs);
        const detection = link.ends.map(({ session }) => session.status.detectionTimeMs as number);
        for (const end of link.ends) end.cut = true;
        const last = link.ends.map(({ receivedAtMs }) => receivedAtMs);
        link.clock.advance(Math.max(...detection) + 1);
        for (const [i, end] of link.ends.entries()) {
          const down = end.changes.at(-1);
          expect(down).toMatchObject({ from: 'Up', to: 'Down', localDiag: 1 });
          expect((down?.atMs ?? 0) - (last[i] as number)).toBeCloseTo(detection[i] as number, 6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('both go down where only one direction is cut: who hears nothing tells who does', () => {
    const link = new BfdLink(seeded(5)).start();
    expect(link.untilUp(10_000)).not.toBeNull();
    link.clock.advance(5_000);
    link.a.cut = true;
    link.clock.advance(950);
    expect(link.b.changes.at(-1)).toMatchObject({ to: 'Down', localDiag: 1 });
    expect(link.a.changes.at(-1)).toMatchObject({ to: 'Down', localDiag: 3, remoteDiag: 1 });
    link.a.cut = false;
    expect(link.untilUp(5_000)).not.toBeNull();
  });

  it('come back after a cut', () => {
    const link = new BfdLink(seeded(6)).start();
    expect(link.untilUp(10_000)).not.toBeNull();
    for (let round = 0; round < 20; round++) {
      for (const end of link.ends) end.cut = true;
      link.clock.advance(10_000);
      for (const end of link.ends) end.cut = false;
      expect(link.untilUp(4_000)).not.toBeNull();
      link.clock.advance(2_000);
    }
    expect(link.ends.map(({ downs }) => downs)).toEqual([20, 20]);
  });

  it('an administrator’s AdminDown reaches the other as that, and not as a failure', () => {
    const link = new BfdLink(seeded(7)).start();
    expect(link.untilUp(10_000)).not.toBeNull();
    link.a.session.disable();
    link.clock.advance(60_000);
    expect(link.b.changes.at(-1)).toMatchObject({ to: 'Down', localDiag: 3, remoteSessionState: 'AdminDown' });
    expect(link.a.state).toBe('AdminDown');
    link.a.session.enable();
    expect(link.untilUp(5_000)).not.toBeNull();
  });

  it('a passive end comes Up with an active one, and two passive ones never do', () => {
    const one = new BfdLink(seeded(8), { passive: true }).start();
    expect(one.untilUp(10_000)).not.toBeNull();
    const both = new BfdLink(seeded(8), { passive: true }, { passive: true }).start();
    expect(both.untilUp(60_000)).toBeNull();
  });

  it.each(['simplePassword', 'keyedMd5', 'meticulousKeyedMd5', 'keyedSha1', 'meticulousKeyedSha1'] as const)(
    'come Up and stay Up with %s while packets are lost; with another key they do not come Up',
    (type) => {
      const config = (secret: string) => ({
        authentication: { type, keys: [{ id: 1, secret: new Secret(secret) }], sendKeyId: 1 },
      });
      const random = seeded(9);
      const link = new BfdLink(random, config('swordfish'), config('swordfish')).start();
      expect(link.untilUp(10_000)).not.toBeNull();
      for (const end of link.ends) end.fate = losing(random, 0.4, 2, () => 3);
      link.clock.advance(120_000);
      expect(link.ends.map(({ downs }) => downs)).toEqual([0, 0]);
      const other = new BfdLink(seeded(9), config('swordfish'), config('sawfish')).start();
      expect(other.untilUp(30_000)).toBeNull();
      expect(other.a.table.dropped.authenticationDigest).toBeGreaterThan(10);
    },
  );
});

const BASE = {
  passive: false,
  controlPlaneIndependent: false,
  requiredMinEchoRxInterval: 0,
  echoInterval: null,
  authentication: null,
};
