/** `metallb decode bfd` as its users meet it: input, what is wrong, exit status. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBfdMessages } from '../../src/cli/decode/bfd.ts';
import { bfdMessageText } from '../../src/cli/decode/bfd-text.ts';
import { metallb } from './fake-io.ts';

//           V/Diag State+flags Mult Length  My       Your     TX       RX       Echo RX
const UP = '  20    c8          03   18      00000011 00000022 000186a0 000493e0 0000c350'.replaceAll(' ', '');
const DOWN = '21    60          05   18      00000011 00000000 000f4240 000493e0 00000000'.replaceAll(' ', '');
const MD5 = `204405300000001100000000000f4240000f424000000000 02180200 00000005 ${'ab'.repeat(16)}`.replaceAll(' ', '');

interface Decoded {
  readonly status: number;
  readonly messages: readonly Record<string, unknown>[];
}

async function decode(args: readonly string[], stdin?: string): Promise<Decoded> {
  const outcome = await metallb(['decode', 'bfd', ...args], stdin === undefined ? {} : { stdin });
  expect(outcome.stderr).toBe('');
  return { status: outcome.status, ...(JSON.parse(outcome.stdout) as Pick<Decoded, 'messages'>) };
}

describe('metallb decode bfd', () => {
  it('prints every field of RFC 5880 section 4.1 by its name', async () => {
    expect(await decode([UP])).toEqual({
      status: 0,
      messages: [
        {
          type: 'BFD',
          length: 24,
          version: 1,
          diagnostic: 'No Diagnostic',
          diagnosticCode: 0,
          state: 'Up',
          poll: false,
          final: false,
          controlPlaneIndependent: true,
          authenticationPresent: false,
          demand: false,
          multipoint: false,
          detectMult: 3,
          myDiscriminator: 0x11,
          yourDiscriminator: 0x22,
          desiredMinTxInterval: 100_000,
          requiredMinRxInterval: 300_000,
          requiredMinEchoRxInterval: 50_000,
          authentication: null,
          verdict: 'accept',
          errors: [],
        },
      ],
    });
  });

  it('reads several lines, and several packets in one run', async () => {
    const { messages } = await decode([], `${UP}\n${DOWN}${UP}\n${DOWN}abcd\n`);
    expect(messages.map((m) => [m.state, m.poll, m.diagnostic, m.verdict])).toEqual([
      ['Up', false, 'No Diagnostic', 'accept'],
      ['Down', true, 'Control Detection Time Expired', 'accept'],
      ['Up', false, 'No Diagnostic', 'accept'],
      ['Down', true, 'Control Detection Time Expired', 'accept'], // octets behind a packet that are none are ignored
    ]);
  });

  it('prints the authentication section, and no password', async () => {
    const password = `204405210000000100000000000f4240000f424000000000010902736563726574`; // "secret"
    const outcome = await metallb(['decode', 'bfd'], { stdin: `${MD5}\n${password}\n` });
    const { messages } = JSON.parse(outcome.stdout) as Decoded;
    expect(messages.map((m) => [m.verdict, m.authentication])).toEqual([
      ['accept', { type: 'keyedMd5', typeCode: 2, length: 24, keyId: 2, sequenceNumber: 5, digest: 'ab'.repeat(16) }],
      ['accept', { type: 'simplePassword', typeCode: 1, length: 9, keyId: 2, sequenceNumber: null, digest: null }],
    ]);
    expect(outcome.stdout).not.toMatch(/secret|736563726574/);
    const text = await metallb(['decode', 'bfd', '-o', 'text', password]);
    expect(text.stdout).toMatch(/authentication +type simplePassword {2}typeCode 1 {2}length 9 {2}keyId 2\n/);
    expect(text.stdout).not.toMatch(/secret|736563726574/);
  });

  it.each([
    ['20', 'discard', ['truncated']],
    [UP.slice(0, 46), 'discard', ['truncated']],
    [`40${UP.slice(2)}`, 'discard', ['badVersion']],
    [UP.replace('c80318', 'c80317'), 'discard', ['lengthTooShort']],
    [UP.replace('c80318', 'c80319'), 'discard', ['lengthBeyondPayload']],
    [UP.replace('c80318', 'c90018'), 'discard', ['zeroDetectMult', 'multipoint']],
    [
      UP.replace('00000011', '00000000').replace('00000022', '00000000'),
      'discard',
      ['zeroMyDiscriminator', 'zeroYourDiscriminator'],
    ],
    [MD5.replace('0218', '0217'), 'accept', ['authenticationMalformed']],
    [UP.replace('c8', 'f8'), 'accept', ['pollAndFinal']],
  ])('%s: %s, %j, and exit status 1', async (octets, verdict, reasons) => {
    const { status, messages } = await decode([octets]);
    expect(status).toBe(1);
    expect(messages).toMatchObject([{ type: 'BFD', verdict, errors: reasons.map((reason) => ({ reason })) }]);
  });

  it('prints text with the same names, intervals in milliseconds, and what is wrong last', async () => {
    const { status, stdout } = await metallb(['decode', 'bfd', '-o', 'text', DOWN.replace('600518', '600018')]);
    expect(status).toBe(1);
    expect(stdout).toBe(
      [
        'BFD Down, 24 octets: discard',
        '  diagnostic                 Control Detection Time Expired (1)',
        '  poll                       yes',
        '  detectMult                 0',
        '  myDiscriminator            17',
        '  yourDiscriminator          0',
        '  desiredMinTxInterval       1000 ms',
        '  requiredMinRxInterval      300 ms',
        '  requiredMinEchoRxInterval  0 ms',
        '  zeroDetectMult: Detect Mult is zero',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [['decode', 'bfd', 'zz'], 'not hexadecimal'],
    [['decode', 'bfd'], 'no octets'],
    [['decode', 'bfd', '--add-path', UP], '--add-path is of BGP alone'],
    [['decode', 'bfd', '--two-octet-as', UP], '--two-octet-as is of BGP alone'],
  ])('%j: exit status 2 and why', async (args, why) => {
    const { status, stdout, stderr } = await metallb(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(why);
  });

  it('decodes any octets to something that can be printed, and reads each of them once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (octets) => {
        const messages = [...decodeBfdMessages(octets)];
        expect(messages.length).toBeGreaterThan(0);
        expect(messages.length).toBeLessThanOrEqual(1 + octets.length / 24);
        for (const message of messages) {
          expect(bfdMessageText(message, (_, text) => text)).toContain(message.verdict);
          expect(message.verdict === 'discard' ? message.errors.length : 1).toBeGreaterThan(0);
        }
      }),
    );
  });
});
