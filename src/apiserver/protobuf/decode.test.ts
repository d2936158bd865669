import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGES } from '../kinds/messages.ts';
import { ApiError } from '../status.ts';
import { decodeProtobuf } from './decode.ts';

const field = (number: number, content: Buffer | string | number): Buffer => {
  if (typeof content === 'number') return Buffer.from([number << 3, content]);
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
};
const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const body = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  message(
    Buffer.from('k8s\0'),
    field(1, message(field(1, apiVersion), field(2, kind))),
    field(2, raw),
    field(3, ''),
    field(4, ''),
  );

function codeOf(bytes: Uint8Array): number {
  try {
    decodeProtobuf(bytes);
    return 200;
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    return (error as ApiError).code;
  }
}

describe('decodeProtobuf', () => {
  it('reads what `kubectl create secret generic` sends', () => {
    const meta = message(field(1, 'a'), field(2, ''), field(3, 'shop'), field(7, 0), field(8, ''));
    const data = message(field(1, 'password'), field(2, 'x'));
    expect(decodeProtobuf(body('v1', 'Secret', message(field(1, meta), field(2, data), field(3, 'Opaque'))))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'shop' },
      data: { password: 'eA==' },
      type: 'Opaque',
    });
  });

  it('knows a zero that was set from one that was not', () => {
    const port = message(
      field(1, ''),
      field(3, 80),
      field(4, message(field(1, 1), field(2, 0), field(3, 'http'))),
      field(5, 0),
    );
    const number = message(field(3, 81), field(4, message(field(1, 0), field(2, 8), field(3, ''))));
    const spec = message(field(1, port), field(1, number), field(12, 0), field(13, 0), Buffer.from([0xa0, 0x01, 0x00]));
    expect(decodeProtobuf(body('v1', 'Service', field(2, spec))).spec).toEqual({
      ports: [
        { port: 80, targetPort: 'http' },
        { port: 81, targetPort: 8 },
      ],
      allocateLoadBalancerNodePorts: false,
    });
  });

  it('refuses what it does not know, and drops nothing', () => {
    expect(codeOf(body('batch/v1', 'Job', Buffer.alloc(0)))).toBe(415);
    expect(codeOf(body('v1', 'Namespace', field(9, 'x')))).toBe(415);
    expect(codeOf(Buffer.from('{}'))).toBe(400);
  });

  it('refuses every truncation of a body in a field, and throws nothing else', () => {
    const whole = body(
      'v1',
      'ConfigMap',
      message(field(1, field(1, 'a')), field(2, message(field(1, 'k'), field(2, 'v')))),
    );
    for (let length = 0; length < whole.length; length++) codeOf(whole.subarray(0, length));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void codeOf(Buffer.concat([whole, bytes]))));
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom(...MESSAGES.keys()),
        (bytes, kind) => void codeOf(body('v1', kind, Buffer.from(bytes.subarray(0, 100)))),
      ),
    );
  });
});
