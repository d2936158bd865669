/**
 * A certificate authority of one process, and the server's certificate by it (RFC 5280), written as DER by hand: two fixed forms are all that is
 * needed, and the library for it would bring twenty packages. ECDSA P-256 with SHA-256. Nothing is written to disk; the keys end with the process.
 *
 * For servers that need TLS where nobody has given them a certificate: tokens are sent over nothing else.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Ip, ipToBytes, parseIp } from '../net/ip.ts';

export interface ServerCertificate {
  /** Of the authority, PEM: for the clients' kubeconfig. */
  readonly ca: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** ASN.1 tags that are used. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(TAG.oid, Buffer.from(bytes));
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...contents);
const octets = (content: Uint8Array): Buffer => der(TAG.octetString, content);
const bits = (content: Uint8Array, unused = 0): Buffer => der(TAG.bitString, Buffer.from([unused]), content);
/** A context tag, constructed or primitive. */
const context = (number: number, constructed: boolean, content: Uint8Array): Buffer =>
  der(0x80 | (constructed ? 0x20 : 0) | number, content);

const name = (commonName: string): Buffer =>
  sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8String, Buffer.from(commonName)))));

/** GeneralizedTime is for years from 2050 on by RFC 5280, section 4.1.2.5; OpenSSL, Go and Node take it for all. UTCTime is what it asks for before. */
const time = (ms: number): Buffer => {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return Number(text.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(text.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(text));
};

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [der(TAG.boolean, Buffer.from([0xff]))] : []), octets(value));

/** RFC 5280, section 4.2.1.2, method 1: SHA-1 of the public key, as a name for it and no more. */
const keyId = (publicKey: KeyObject): Buffer => {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha1').update(spki.subarray(-65)).digest();
};

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(subject: Subject, issuer: { commonName: string; privateKey: KeyObject }, now: number): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  // Positive, and of full length.
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const body = sequence(
    context(0, true, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    algorithm,
    name(issuer.commonName),
    // A clock that is somewhat behind must not find it in the future.
    sequence(time(now - DAY_MS), time(now + 365 * DAY_MS)),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    context(3, true, sequence(...subject.extensions)),
  );
  const signed = sequence(body, algorithm, bits(sign('sha256', body, issuer.privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/**
 * Makes an authority and a certificate for a server.
 *
 * @param commonName - of the server; the authority is called like it, with "CA" behind
 * @param hosts - names and addresses under which it is reached
 * @param now - milliseconds since 1970; valid for a year
 */
export function makeCertificate(commonName: string, hosts: readonly string[], now: number): ServerCertificate {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { commonName: `${commonName} CA`, privateKey: authority.privateKey };
  const authorityId = keyId(authority.publicKey);
  const ca = certificate(
    {
      commonName: issuer.commonName,
      publicKey: authority.publicKey,
      extensions: [
        extension(OID.basicConstraints, true, sequence(der(TAG.boolean, Buffer.from([0xff])))),
        // keyCertSign alone.
        extension(OID.keyUsage, true, bits(Buffer.from([0x04]), 2)),
        extension(OID.subjectKeyIdentifier, false, octets(authorityId)),
      ],
    },
    issuer,
    now,
  );
  const names = hosts.map((host) => {
    const ip = parseIp(host);
    return ip.ok ? context(7, false, ipToBytes(ip.value satisfies Ip)) : context(2, false, Buffer.from(host));
  });
  const own = certificate(
    {
      commonName,
      publicKey: server.publicKey,
      extensions: [
        extension(OID.basicConstraints, true, sequence()),
        // digitalSignature alone.
        extension(OID.keyUsage, true, bits(Buffer.from([0x80]), 7)),
        extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
        extension(OID.subjectAltName, false, sequence(...names)),
        extension(OID.authorityKeyIdentifier, false, sequence(context(0, false, authorityId))),
      ],
    },
    issuer,
    now,
  );
  return { ca, certificate: own, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
