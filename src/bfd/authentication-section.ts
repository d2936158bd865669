/** The authentication section of a BFD Control packet (RFC 5880 sections 4.2 to 4.4): structure alone; `authentication.ts` judges it. */
import { ByteReader } from '../wire/reader.ts';
import { type ControlPacket, MANDATORY_LENGTH } from './packet.ts';

/** How sessions authenticate; the index is the Auth Type less one. */
export const AUTHENTICATION_TYPES = [
  'simplePassword',
  'keyedMd5',
  'meticulousKeyedMd5',
  'keyedSha1',
  'meticulousKeyedSha1',
] as const;
export type AuthenticationType = (typeof AUTHENTICATION_TYPES)[number];

export const authenticationCode = (type: AuthenticationType): number => AUTHENTICATION_TYPES.indexOf(type) + 1;

/** Type, length and key ID. */
const HEAD_LENGTH = 3;
/** The head, a reserved octet and a sequence number: the digest comes behind them. */
export const DIGEST_OFFSET = 8;
/** A password has 1 to 16 octets (section 4.2). */
export const MAX_PASSWORD_LENGTH = 16;

/** Octets of the digest and, padded with zeros, of the key (sections 4.3 and 4.4). */
export const digestLength = (type: Exclude<AuthenticationType, 'simplePassword'>): 16 | 20 =>
  type === 'keyedMd5' || type === 'meticulousKeyedMd5' ? 16 : 20;

/** The section's length on the wire. */
export const sectionLength = (type: AuthenticationType, passwordLength: number): number =>
  type === 'simplePassword' ? HEAD_LENGTH + passwordLength : DIGEST_OFFSET + digestLength(type);

/** A section that has the form of its type. The octets are views. */
export type AuthenticationSection =
  | { readonly type: 'simplePassword'; readonly keyId: number; readonly password: Uint8Array }
  | {
      readonly type: Exclude<AuthenticationType, 'simplePassword'>;
      readonly keyId: number;
      readonly sequenceNumber: number;
      readonly digest: Uint8Array;
    };

/**
 * The section of a packet that has the A bit and room for it; null where its type is not known, or its length is not that type's or not what
 * Length of the packet leaves.
 */
export function parseAuthenticationSection(octets: Uint8Array, packet: ControlPacket): AuthenticationSection | null {
  const r = new ByteReader(octets, MANDATORY_LENGTH, packet.length);
  const type = AUTHENTICATION_TYPES[r.u8() - 1];
  const length = r.u8();
  if (type === undefined || length !== packet.length - MANDATORY_LENGTH) return null;
  if (type === 'simplePassword') {
    if (length <= HEAD_LENGTH || length > HEAD_LENGTH + MAX_PASSWORD_LENGTH) return null;
    return { type, keyId: r.u8(), password: r.rest() };
  }
  if (length !== sectionLength(type, 0)) return null;
  const keyId = r.u8();
  r.u8(); // reserved: ignored on receipt
  return { type, keyId, sequenceNumber: r.u32(), digest: r.rest() };
}
