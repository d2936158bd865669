import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip } from '../plan/testing/fixture.ts';
import { type Candidate, elect, electionOrder, findAhead } from './election.ts';

const level = (names: readonly string[]): Candidate[] => names.map((name) => ({ name, score: 0 }));
const order = (candidates: readonly Candidate[], address: string): string =>
  electionOrder(candidates, ip(address))
    .map(({ name }) => name)
    .join(',');

const irises = ['iris1', 'iris2', 'iris3'];
const abc = ['node-a', 'node-b', 'node-c'];

describe('electionOrder', () => {
  // From runs of MetalLB's own code and from its tests (metallb-behaviour 11).
  it.each([
    ['10.20.30.1', irises, 'iris3,iris2,iris1'],
    ['10.20.30.2', irises, 'iris1,iris2,iris3'],
    ['192.168.1.240', irises, 'iris3,iris1,iris2'],
    ['fc00:f853:ccd:e799::1', irises, 'iris1,iris2,iris3'],
    ['10.0.0.1', abc, 'node-b,node-a,node-c'],
    ['10.0.0.2', abc, 'node-b,node-c,node-a'],
  ])("orders nodes for %s as MetalLB's hash does", (address, names, expected) => {
    expect(order(level(names), address)).toBe(expected);
    expect(order(level([...names].reverse()), address)).toBe(expected);
  });

  it('takes the highest score first, and the hash among equals', () => {
    const scored = irises.map((name) => ({ name, score: name === 'iris3' ? 10 : 20 }));
    expect(order(scored, '192.168.1.240')).toBe('iris1,iris2,iris3');
  });
});

describe('elect', () => {
  const candidates = fc.uniqueArray(fc.record({ name: fc.string(), score: fc.integer({ min: 0, max: 2 }) }), {
    selector: ({ name }) => name,
    maxLength: 8,
  });

  it('is the first of the order, whatever the order of the candidates', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 255 }), (some, last) => {
        const at = ip(`192.0.2.${last}`);
        const [first] = electionOrder(some, at);
        expect(elect(some, at)).toEqual(first ?? null);
        expect(elect([...some].reverse(), at)).toEqual(first ?? null);
      }),
    );
  });

  it('moves nothing when somebody who has not won goes', () => {
    fc.assert(
      fc.property(candidates, (some) => {
        const at = ip('192.0.2.1');
        const [winner, ...others] = electionOrder(some, at);
        for (const gone of others)
          expect(
            elect(
              some.filter(({ name }) => name !== gone.name),
              at,
            ),
          ).toEqual(winner);
      }),
    );
  });
});

describe('findAhead', () => {
  it('finds somebody who comes before, and nobody where the candidate is the first', () => {
    const names = Array.from({ length: 40 }, (_, i) => ({ name: `node-${i}`, score: i % 3 }));
    fc.assert(
      fc.property(fc.subarray(names, { minLength: 1 }), fc.integer({ min: 0, max: 255 }), (some, last) => {
        const at = ip(`192.0.2.${last}`);
        const sorted = electionOrder(some, at);
        for (const [place, own] of sorted.entries()) {
          const ahead = findAhead(own, some, at);
          expect(ahead === null ? -1 : sorted.indexOf(ahead)).toBeLessThan(place);
          expect(ahead === null).toBe(place === 0);
        }
      }),
    );
  });

  it('finds another one for another address, so that no node is in the way of all', () => {
    const nodes = level(Array.from({ length: 20 }, (_, i) => `node-${i}`));
    const own = nodes[0] as Candidate;
    const found = Array.from({ length: 200 }, (_, i) => findAhead(own, nodes, ip(`192.0.2.${i}`))?.name);
    expect(new Set(found).size).toBeGreaterThan(15);
  });

  it('begins elsewhere at another turn, so that nodes which are replaced one after the other are not met again and again', () => {
    let nodes = level(Array.from({ length: 50 }, (_, i) => `node-${i}`));
    const own = nodes[49] as Candidate;
    const behind = new Map<number, string | undefined>();
    for (let i = 0; i < 1_000; i++) behind.set(i, findAhead(own, nodes, ip(`10.0.${i >> 8}.${i & 255}`), i)?.name);
    let turn = 1_000;
    let searches = 0;
    for (let gone = 0; gone < 49; gone++) {
      const [first, ...others] = nodes;
      if (first === undefined) throw new Error('there are nodes');
      nodes = [...others, first];
      const moved = [...behind].filter(([, name]) => name === first.name);
      searches += moved.length;
      for (const [i] of moved) behind.set(i, findAhead(own, others, ip(`10.0.${i >> 8}.${i & 255}`), turn++)?.name);
    }
    expect(searches).toBeLessThan(2_000);
  });
});
