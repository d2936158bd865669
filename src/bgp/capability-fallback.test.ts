import { describe, expect, it } from 'vitest';
import { CapabilityFallback } from './capability-fallback.ts';
import { IPV4_UNICAST, IPV6_UNICAST } from './packet/constants.ts';
import { notification } from './packet/notification.ts';

const BOTH = [IPV4_UNICAST, IPV6_UNICAST];

describe('CapabilityFallback', () => {
  it.each([
    ['2/4, from a speaker that knows no optional parameter', BOTH, 4, 'none'],
    ['2/4, where without capabilities there is no family left', [IPV6_UNICAST], 4, 'essential'],
    ['2/7, from a speaker that cannot read one', BOTH, 7, 'essential'],
    ['2/2, which no capability is to blame for', BOTH, 2, 'all'],
  ])('after %s: offers less', (_, families, subcode, offer) => {
    const fallback = new CapabilityFallback(families);
    fallback.refused(notification(2, subcode));
    expect(fallback.offer).toBe(offer);
  });

  it('is not moved by a NOTIFICATION that is not about the OPEN', () => {
    const fallback = new CapabilityFallback(BOTH);
    fallback.refused(notification(6, 4));
    expect(fallback.offer).toBe('all');
  });

  it('offers everything again, and for good, where less was refused too', () => {
    const fallback = new CapabilityFallback(BOTH);
    fallback.refused(notification(2, 7));
    fallback.refused(notification(2, 7));
    expect(fallback.offer).toBe('all');
    fallback.refused(notification(2, 4));
    expect(fallback.offer).toBe('all');
    fallback.reset();
    fallback.refused(notification(2, 4));
    expect(fallback.offer).toBe('none');
  });
});
