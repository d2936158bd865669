import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, toHex } from '../../wire/hex.ts';
import { CeaseSubcode } from './constants.ts';
import { cease, formatNotification, notification, shutdownCommunication } from './notification.ts';

describe('shutdown communication (RFC 9003)', () => {
  it('is written with its length and read back', () => {
    const n = cease(CeaseSubcode.AdministrativeShutdown, 'Wartung – 5 min');
    expect(toHex(n.data)).toBe(`11${toHex(new TextEncoder().encode('Wartung – 5 min'))}`);
    expect(formatNotification(n)).toBe('6/2 Cease: Administrative Shutdown "Wartung – 5 min"');
  });

  it('is cut at the border of a character, at 255 octets', () => {
    // 254 octets, then a character of two
    const n = cease(CeaseSubcode.AdministrativeReset, `${'x'.repeat(254)}é`);
    expect([n.data.length, n.data[0]]).toEqual([255, 254]);
    expect(shutdownCommunication(n)).toBe('x'.repeat(254));
  });

  it.each([0, 1, 254, 255, 256, 300])('of %i octets is sent up to 255, in whole characters', (length) => {
    for (const character of ['x', 'é', '€', '🙂']) {
      const octets = new TextEncoder().encode(character).length;
      const n = cease(CeaseSubcode.AdministrativeShutdown, character.repeat(Math.ceil(length / octets)));
      const fits = Math.min(Math.ceil(length / octets), Math.floor(255 / octets)) * octets;
      expect([n.data[0], n.data.length]).toEqual([fits, fits + 1]);
      expect(new TextDecoder('utf-8', { fatal: true }).decode(n.data.subarray(1))).not.toContain('\ufffd');
    }
  });

  it('that is no UTF-8 is shown with replacement characters', () => {
    expect(shutdownCommunication(notification(6, 2, hex('04 41 c3 28 80')))).toBe('A\ufffd(\ufffd');
  });

  it.each([
    ['absent', ''],
    ['empty', '00'],
    ['shorter than its length says', '05 41'],
  ])('that is %s is none', (_, data) => {
    expect(shutdownCommunication(notification(6, 2, hex(data)))).toBeNull();
  });

  it('belongs to the subcodes 2 and 4 alone', () => {
    expect(cease(CeaseSubcode.ConnectionCollision, 'text').data.length).toBe(0);
    expect(shutdownCommunication(notification(6, 7, hex('0141')))).toBeNull();
  });

  it('cannot draw on the terminal of who reads it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 255 }), (bytes) => {
        const said = shutdownCommunication(notification(6, 2, new Uint8Array([bytes.length, ...bytes])));
        expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
    const colour = notification(6, 2, hex('05 1b 5b 33 31 6d'));
    expect(shutdownCommunication(colour)).toBe(' [31m');
  });
});

describe('formatNotification', () => {
  it.each([
    [2, 2, '2/2 OPEN Message Error: Bad Peer AS'],
    [4, 0, '4/0 Hold Timer Expired'],
    [6, 99, '6/99 Cease'],
    [77, 1, '77/1 unknown error code'],
  ])('names %i/%i', (code, subcode, text) => {
    expect(formatNotification(notification(code, subcode))).toBe(text);
  });
});
