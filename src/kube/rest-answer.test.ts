import { describe, expect, it } from 'vitest';
import { eventOf, retryAfterMs, statusError } from './rest-answer.ts';
import { KubeError } from './types.ts';

const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop', resourceVersion: '7' } };

const thrown = (line: string): KubeError => {
  try {
    eventOf(line);
  } catch (error) {
    if (error instanceof KubeError) return error;
  }
  throw new Error('no KubeError');
};

describe('a line of a watch', () => {
  it('is an event, with all fields that we do not know', () => {
    const strange = { ...object, metadata: { ...object.metadata, novelty: { a: [1] } }, unheardOf: 'x' };
    expect(eventOf(JSON.stringify({ type: 'ADDED', object: strange, more: 1 }))).toEqual({
      type: 'ADDED',
      object: strange,
    });
    expect(eventOf(JSON.stringify({ type: 'BOOKMARK', object }))).toEqual({ type: 'BOOKMARK', resourceVersion: '7' });
  });

  it.each([
    ['null'],
    ['7'],
    ['[]'],
    ['{}'],
    ['{"type":"ADDED"}'],
    ['{"type":"ADDED","object":null}'],
    ['{"type":"ADDED","object":{"metadata":{}}}'],
    ['{"type":"BOOKMARK","object":{}}'],
    ['{"type":"NEW","object":{"metadata":{"name":"a"}}}'],
    ['{"type":"ADDED","object":{"metadata":{"na'],
  ])('that is none says so: %s', (line) => {
    expect(thrown(line)).toMatchObject({ status: 0, reason: 'BadWatch' });
  });

  it('that is broken is not quoted: it may be a Secret', () => {
    expect(thrown('{"type":"ADDED","object":{"data":{"password":"aHVudGVyMg=="},}}').message).not.toContain(
      'aHVudGVyMg',
    );
  });

  it("may be the server's error", () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (5)' };
    expect(thrown(JSON.stringify({ type: 'ERROR', object: status }))).toMatchObject({ status: 410, reason: 'Expired' });
    expect(thrown(JSON.stringify({ type: 'ERROR', object: null }))).toMatchObject({ status: 500, reason: 'Unknown' });
  });
});

describe('a refusal', () => {
  it('says what its Status says', () => {
    const details = { retryAfterSeconds: 3 };
    const error = statusError({ code: 429, reason: 'TooManyRequests', message: 'later', details }, 429, null);
    expect(error).toMatchObject({ message: 'later', status: 429, reason: 'TooManyRequests', retryAfterMs: 3_000 });
    // The header counts before the body.
    expect(statusError({ details }, 429, 1_000).retryAfterMs).toBe(1_000);
  });

  it('of a proxy, or of a novel, is short', () => {
    expect(statusError(null, 502, null)).toMatchObject({ message: 'the API server answered 502', reason: 'Unknown' });
    expect(statusError({ message: 'x'.repeat(1_000_000) }, 500, null).message).toHaveLength(1_000);
  });

  it.each([
    [undefined, null],
    ['', null],
    ['5', 5_000],
    ['-1', null],
    ['1e99', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ])('with Retry-After %j', (text, ms) => {
    expect(retryAfterMs(text)).toBe(ms);
  });
});
