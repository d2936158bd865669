/** `metallb decode bgp` as its users meet it: input, options, what is wrong, exit status. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessages, type MessageJson } from '../../src/cli/decode/messages.ts';
import { messageText } from '../../src/cli/decode/text.ts';
import { hex } from '../../src/wire/hex.ts';
import { metallb } from './fake-io.ts';

const MARKER = 'ff'.repeat(16);
const KEEPALIVE = `${MARKER}001304`;
const u16 = (n: number): string => n.toString(16).padStart(4, '0');

function message(type: number, body: string): string {
  const octets = body.replaceAll(' ', '');
  return `${MARKER}${u16(19 + octets.length / 2)}${type.toString(16).padStart(2, '0')}${octets}`;
}

/** An UPDATE with these attributes and one prefix. */
function update(attributes: string, nlri = '20c0a80a05'): string {
  const list = attributes.replaceAll(' ', '');
  return message(2, `0000 ${u16(list.length / 2)} ${list} ${nlri}`);
}

//            origin     as path (64512)          next hop
const PLAIN = '40010100 4002060201 0000fc00 400304 0a000001';
const LOCAL_PREF = '40050400000064';

interface Decoded {
  readonly status: number;
  readonly messages: readonly Record<string, unknown>[];
}

async function decode(args: readonly string[], stdin?: string): Promise<Decoded> {
  const outcome = await metallb(['decode', 'bgp', ...args], stdin === undefined ? {} : { stdin });
  expect(outcome.stderr).toBe('');
  return { status: outcome.status, ...(JSON.parse(outcome.stdout) as Pick<Decoded, 'messages'>) };
}

describe('metallb decode bgp', () => {
  it('prints an UPDATE exactly as the contract does', async () => {
    const { status, messages } = await decode([update(`${PLAIN} c00804fc000064`)]);
    expect(status).toBe(0);
    expect(messages).toEqual([
      {
        type: 'UPDATE',
        length: 55,
        withdrawn: [],
        nlri: ['192.168.10.5/32'],
        attributes: {
          origin: 'IGP',
          asPath: [{ type: 'AS_SEQUENCE', asns: [64512] }],
          nextHop: '10.0.0.1',
          localPref: null,
          med: null,
          communities: ['64512:100'],
          largeCommunities: [],
          extendedCommunities: [],
          atomicAggregate: false,
          aggregator: null,
          originatorId: null,
          clusterList: [],
          as4Path: null,
          as4Aggregator: null,
          mpReach: null,
          mpUnreach: null,
          unknown: [],
        },
        errors: [],
      },
    ]);
  });

  it('prints every kind of message', async () => {
    const open = message(1, '04 5ba0 005a c0000201 0c 02 0a 4104fa56ea00 0102ffff');
    const shutdown = message(3, '06 02 05 6272622e2e');
    const { messages } = await decode([open + shutdown + KEEPALIVE + message(5, '0002 01 01')]);
    expect(messages).toEqual([
      {
        type: 'OPEN',
        length: 41,
        version: 4,
        myAs: 23456,
        holdTime: 90,
        bgpIdentifier: '192.0.2.1',
        capabilities: [
          { code: 65, name: 'four-octet-as', value: 4_200_000_000 },
          { code: 1, name: 'multiprotocol', value: 'ffff' }, // of a length that cannot be: its octets
        ],
        errors: [],
      },
      {
        type: 'NOTIFICATION',
        length: 27,
        code: 6,
        subcode: 2,
        name: 'Cease: Administrative Shutdown',
        data: '056272622e2e',
        shutdownMessage: 'brb..',
        errors: [],
      },
      { type: 'KEEPALIVE', length: 19, errors: [] },
      { type: 'ROUTE-REFRESH', length: 23, afi: 2, safi: 1, subtype: 1, errors: [] },
    ]);
  });

  it('reads hex line by line, however it is written, and raw octets with --raw', async () => {
    const pretty = KEEPALIVE.replace(/(..)(?=.)/g, '$1:');
    const lines = await decode([], `${KEEPALIVE}\r\n\n  ${pretty}\n${KEEPALIVE}${KEEPALIVE}`);
    expect(lines.messages.map((m) => m.type)).toEqual(new Array(4).fill('KEEPALIVE'));
    // UTF-8 cannot carry a marker: the reader of raw octets is given text that is no message.
    const raw = await decode(['--raw'], 'no message');
    expect(raw).toMatchObject({ status: 1, messages: [{ type: 'UNKNOWN', length: 10 }] });
  });

  it('takes LOCAL_PREF of an internal peer, and discards that of an external one', async () => {
    const wire = update(`${PLAIN} ${LOCAL_PREF}`);
    const internal = await decode([wire, '--peer', 'internal']);
    expect(internal).toMatchObject({ status: 0, messages: [{ attributes: { localPref: 100 }, errors: [] }] });
    const external = await decode([wire]);
    expect(external).toMatchObject({
      status: 1,
      messages: [
        {
          attributes: { localPref: null },
          errors: [
            { action: 'attribute-discard', code: null, subcode: null, data: null, attribute: 5, value: '00000064' },
          ],
        },
      ],
    });
  });

  it('reads two-octet AS numbers and path identifiers where it is told to', async () => {
    const old = await decode(['--two-octet-as', update('40010100 4002040201fc00 4003040a000001')]);
    expect(old).toMatchObject({ status: 0, messages: [{ attributes: { asPath: [{ asns: [64512] }] } }] });
    const paths = await decode(['--add-path', update(PLAIN, '0000000720c0a80a05')]);
    expect(paths.messages[0]?.nlri).toEqual([{ prefix: '192.168.10.5/32', pathId: 7 }]);
  });

  it('shows what was understood beside the error that resets the session, and goes on behind it', async () => {
    const wrong = update(`${PLAIN} 40c80100`); // a well-known attribute that nobody knows
    const { status, messages } = await decode([wrong + KEEPALIVE]);
    expect(status).toBe(1);
    expect(messages).toMatchObject([
      {
        nlri: ['192.168.10.5/32'],
        attributes: { origin: 'IGP', nextHop: '10.0.0.1' },
        errors: [{ action: 'session-reset', code: 3, subcode: 2, data: '40c80100' }],
      },
      { type: 'KEEPALIVE', errors: [] },
    ]);
  });

  it.each([
    ['a marker that is none', `${'00'.repeat(16)}001304${KEEPALIVE}`, 'KEEPALIVE', 1, ''],
    ['a length below the header', `${MARKER}001204${KEEPALIVE}`, 'KEEPALIVE', 2, '0012'],
    ['a type that there is not', `${MARKER}001309`, 'UNKNOWN', 3, '09'],
    ['a message that is cut', `${MARKER}001d02`, 'UPDATE', 2, '001d'],
    ['half a header', 'ffff', 'UNKNOWN', 2, ''],
    ['4097 octets that were not agreed on', `${MARKER}100102${'00'.repeat(4_078)}`, 'UPDATE', 2, '1001'],
  ])('answers %s with 1/x, and reads no further where nothing says where to', async (_, wire, type, subcode, data) => {
    const { status, messages } = await decode([wire]);
    expect(status).toBe(1);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ type, errors: [{ action: 'session-reset', code: 1, subcode, data }] });
  });

  it('takes long messages where it is told that they were agreed on', async () => {
    const value = '00'.repeat(4_100);
    const wire = update(`${PLAIN} d0631004${value}`);
    expect(await decode(['--extended-messages', wire])).toMatchObject({
      status: 0,
      messages: [{ nlri: [expect.any(String)] }],
    });
  });

  it('says to a reader what follows from an UPDATE: End-of-RIB, and the path of AS4_PATH', async () => {
    const text = async (...args: string[]) => (await metallb(['decode', 'bgp', '-o', 'text', ...args])).stdout;
    expect(await text(message(2, '00000000'))).toBe('UPDATE, 23 octets\n  End-of-RIB          ipv4-unicast\n');
    expect(await text(message(2, '00000006 800f03000201'))).toContain('End-of-RIB          ipv6-unicast\n');
    const old = update('40010100 4002060202fc005ba0 400304 0a000001 c01106 0201fa56ea00');
    expect(await text('--two-octet-as', old)).toMatch(/as4Path +4200000000\n {2}path \(RFC 6793\) +64512 4200000000\n/);
  });

  it('prints for a reader too, and nothing that a terminal would obey', async () => {
    const open = message(1, '04 fc00 005a c0000201 0a 02 08 4906 021b5b 02 0d0a');
    const { status, stdout } = await metallb(['decode', 'bgp', '-o', 'text', open + update(`${PLAIN} 80040100`)]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/capabilities +fqdn \(73\) {2}hostname \\u\{1b\}\[/);
    expect(stdout).toMatch(/asPath +64512\n/);
    expect(stdout).toMatch(/treat-as-withdraw: MULTI_EXIT_DISC: too short; attribute 4: 00\n/);
  });

  it.each([
    [['decode', 'bgp', 'zz'], 'not hexadecimal'],
    [['decode', 'bgp', 'fff'], 'odd number of digits'],
    [['decode', 'bgp'], 'no octets'],
    [['decode', 'bgp', '--raw', 'ff'], '--raw reads standard input'],
    [['decode', 'ospf', 'ff'], 'Allowed choices are bgp, bfd'],
    [['decode', 'bgp', '--peer', 'both', 'ff'], 'external, internal'],
  ])('%j: exit status 2 and why', async (args, why) => {
    const { status, stdout, stderr } = await metallb(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(why);
  });

  it('names the line that is no hex', async () => {
    const { status, stderr } = await metallb(['decode', 'bgp'], { stdin: `${KEEPALIVE}\nhello\n` });
    expect([status, stderr]).toEqual([2, 'metallb: <stdin>:2: not hexadecimal, or an odd number of digits\n']);
  });

  it('decodes any octets to something that can be printed', () => {
    const types = fc.constantFrom(0, 1, 2, 3, 4, 5, 6);
    const framed = fc.tuple(types, fc.uint8Array({ maxLength: 80 })).map(([type, body]) => {
      const length = 19 + body.length;
      return [...new Array<number>(16).fill(255), length >> 8, length & 255, type, ...body];
    });
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(framed, { maxLength: 4 }).map((parts) => new Uint8Array(parts.flat())),
    );
    const options = fc.record({
      fourOctetAs: fc.boolean(),
      addPath: fc.boolean(),
      internal: fc.boolean(),
      extendedMessages: fc.boolean(),
    });
    fc.assert(
      fc.property(octets, options, (bytes, o) => {
        const messages: MessageJson[] = [...decodeMessages(bytes, o)];
        expect(messages.length === 0).toBe(bytes.length === 0);
        for (const m of messages) {
          expect(JSON.parse(JSON.stringify(m))).toEqual(m);
          expect(messageText(m, (_format, text) => text)).toMatch(/^[A-Z-]+, \d+ octets\n/);
          for (const e of m.errors) expect(e.code === null).toBe(e.action !== 'session-reset');
        }
      }),
      { numRuns: 3_000 },
    );
    expect([
      ...decodeMessages(hex(''), { fourOctetAs: true, addPath: false, internal: false, extendedMessages: false }),
    ]).toEqual([]);
  });
});
