/** Digests of octets: the pure functions that come from Node (FIPS 180-4; RFC 1321 and RFC 3174 for what demands them). */
import { hash } from 'node:crypto';

/** SHA-256 of the text's UTF-8 octets, as 64 hexadecimal digits: their order as text is the order of the digests as octets. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');

/** The 16 octets of RFC 1321; for BFD, whose RFC 5880 knows nothing better. */
export const md5 = (octets: Uint8Array): Uint8Array => hash('md5', octets, 'buffer');

/** The 20 octets of RFC 3174; for BFD, whose RFC 5880 knows nothing better. */
export const sha1 = (octets: Uint8Array): Uint8Array => hash('sha1', octets, 'buffer');
