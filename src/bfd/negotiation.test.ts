import { describe, expect, it } from 'vitest';
import { Negotiation } from './negotiation.ts';

const intervals = (desiredMinTx: number, requiredMinRx: number) => ({ desiredMinTx, requiredMinRx });

/** A session that is Up, with nothing to negotiate. */
const agreed = (tx = 300, rx = 300): Negotiation => new Negotiation(intervals(tx, rx));

describe('the Poll Sequence (RFC 5880 sections 6.5 and 6.8.3)', () => {
  it('holds slower transmission back until a Final has come; what is said changes at once', () => {
    const n = agreed();
    n.change(intervals(1_000, 300), true);
    expect([n.said.desiredMinTx, n.transmitAt, n.polling]).toEqual([1_000, 300, true]);
    n.pollSent();
    n.finalReceived(0);
    expect([n.transmitAt, n.polling]).toEqual([1_000, false]);
  });

  it('transmits faster at once', () => {
    const n = agreed();
    n.change(intervals(50, 300), true);
    expect([n.transmitAt, n.polling]).toEqual([50, true]);
  });

  it('holds an earlier expiry back until a Final has come, a later one not', () => {
    const n = agreed();
    n.change(intervals(300, 50), true);
    expect([n.said.requiredMinRx, n.expectAt]).toEqual([50, 300]);
    n.pollSent();
    n.finalReceived(0);
    expect(n.expectAt).toBe(50);
    n.change(intervals(300, 900), true);
    expect([n.expectAt, n.polling]).toEqual([900, true]);
  });

  it('begins again where something changed meanwhile, and holds back until then', () => {
    const n = agreed();
    n.change(intervals(500, 300), true);
    n.pollSent();
    n.change(intervals(1_000, 300), true);
    n.finalReceived(0);
    expect([n.transmitAt, n.polling]).toEqual([300, true]);
    n.pollSent();
    n.finalReceived(0);
    expect([n.transmitAt, n.polling]).toEqual([1_000, false]);
  });

  it('reckons with a value that was said in between: the neighbor may have heard that and nothing since', () => {
    const n = agreed();
    n.change(intervals(50, 1_000), true);
    n.pollSent();
    n.change(intervals(300, 50), true);
    n.finalReceived(0); // of the first change: the neighbor sends by 1,000 now, and expects us by 50
    expect([n.said, n.transmitAt, n.expectAt]).toEqual([intervals(300, 50), 50, 1_000]);
    n.pollSent();
    n.finalReceived(0);
    expect([n.transmitAt, n.expectAt]).toEqual([300, 50]);
  });

  it('does not take the late Finals of one sequence for the answer to the next', () => {
    const n = agreed();
    n.change(intervals(500, 300), true);
    for (let i = 0; i < 3; i++) n.pollSent();
    n.change(intervals(1_000, 300), true);
    n.finalReceived(0); // the first of three
    n.pollSent();
    n.finalReceived(0);
    n.finalReceived(0);
    expect(n.polling).toBe(true);
    n.finalReceived(0);
    expect(n.polling).toBe(false);
  });

  it('does not wait for Finals that were lost longer than one can be on its way', () => {
    const n = agreed();
    n.change(intervals(500, 300), true);
    for (let i = 0; i < 1_000; i++) n.pollSent(); // nobody answered for long
    n.finalReceived(10_000);
    n.change(intervals(1_000, 300), true);
    n.pollSent();
    n.finalReceived(10_499);
    expect(n.polling).toBe(true);
    n.finalReceived(10_500);
    expect(n.polling).toBe(false);
  });

  it('takes no Final before a Poll was sent', () => {
    const n = agreed();
    n.change(intervals(1_000, 300), true);
    n.finalReceived(0);
    expect([n.polling, n.transmitAt]).toEqual([true, 300]);
  });

  it('needs none while the session is not Up, and ends with it', () => {
    const n = agreed();
    n.change(intervals(1_000, 100), false);
    expect([n.polling, n.transmitAt, n.expectAt]).toEqual([false, 1_000, 100]);
    n.change(intervals(5_000, 100), true);
    n.reset();
    expect([n.polling, n.transmitAt]).toEqual([false, 5_000]);
  });

  it('does not begin where nothing has changed', () => {
    const n = agreed();
    n.change(intervals(300, 300), true);
    expect(n.polling).toBe(false);
  });
});
