/** Digests of octets: the one pure function that comes from Node (FIPS 180-4). */
import { hash } from 'node:crypto';

/** SHA-256 of the text's UTF-8 octets, as 64 hexadecimal digits: their order as text is the order of the digests as octets. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');
