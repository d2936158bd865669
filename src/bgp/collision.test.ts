import { describe, expect, it } from 'vitest';
import { type Contender, preferredDirection, resolveCollision } from './collision.ts';
import type { State } from './fsm.ts';

const LOW = { bgpIdentifier: 1, asn: 65001 };
const HIGH = { bgpIdentifier: 0xffff_ffff, asn: 65002 };

const contender = (
  direction: 'outgoing' | 'incoming',
  state: State,
  connectedAt = 0,
  establishedAt: number | null = null,
): Contender => ({
  direction,
  state,
  connectedAt,
  establishedAt,
});

describe('preferredDirection', () => {
  it('is of the higher identifier, unsigned, then of the higher AS (RFC 6286)', () => {
    expect(preferredDirection(LOW, HIGH)).toBe('incoming');
    expect(preferredDirection(HIGH, LOW)).toBe('outgoing');
    expect(preferredDirection({ bgpIdentifier: 7, asn: 2 }, { bgpIdentifier: 7, asn: 1 })).toBe('outgoing');
  });
});

describe('resolveCollision', () => {
  it.each([
    [
      'the winner closes the one in OpenConfirm',
      contender('outgoing', 'OpenConfirm'),
      contender('incoming', 'OpenSent'),
      'close-existing',
    ],
    ['the loser goes', contender('incoming', 'OpenConfirm'), contender('outgoing', 'OpenSent'), 'close-newer'],
    [
      'an OPEN that has not come decides nothing',
      contender('incoming', 'OpenSent'),
      contender('outgoing', 'OpenSent'),
      'undecided',
    ],
    [
      'a session is left alone',
      contender('outgoing', 'Established', 0, 5),
      contender('incoming', 'OpenSent', 9),
      'close-newer',
    ],
    [
      'but for a winner that was there before',
      contender('outgoing', 'Established', 0, 5),
      contender('incoming', 'OpenSent', 4),
      'undecided',
    ],
    [
      'the peer has given up its first attempt',
      contender('incoming', 'OpenConfirm'),
      contender('incoming', 'OpenSent'),
      'close-existing',
    ],
    [
      'not its session',
      contender('incoming', 'Established', 0, 5),
      contender('incoming', 'OpenSent', 4),
      'close-newer',
    ],
  ])('%s', (_, existing, newer, verdict) => {
    expect(resolveCollision(LOW, HIGH, existing, newer)).toBe(verdict);
  });
});
