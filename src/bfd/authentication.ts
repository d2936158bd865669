/**
 * Authentication of a session (RFC 5880 section 6.7): signs what is sent, judges what is received, and keeps the sequence numbers.
 *
 * One departure from the letter: sections 6.7.3 and 6.7.4 set bfd.AuthSeqKnown before the digest is compared, which would let anybody choose the
 * window. Here a packet changes nothing until its digest is right.
 */
import type { Secret } from '../secret.ts';
import { md5, sha1 } from '../wire/digest.ts';
import { ByteWriter } from '../wire/writer.ts';
import {
  type AuthenticationSection,
  type AuthenticationType,
  authenticationCode,
  DIGEST_OFFSET,
  digestLength,
  MAX_PASSWORD_LENGTH,
  parseAuthenticationSection,
  sectionLength,
} from './authentication-section.ts';
import type { AuthenticationError } from './drop-reason.ts';
import { type ControlPacket, MANDATORY_LENGTH, MAX_LENGTH } from './packet.ts';

/** A key of a session. Several are for a change of keys (section 6.7.1): all are taken, one is sent with. */
export interface AuthenticationKey {
  /** 0 to 255. */
  readonly id: number;
  readonly secret: Secret;
}

export interface AuthenticationConfig {
  readonly type: AuthenticationType;
  readonly keys: readonly AuthenticationKey[];
  readonly sendKeyId: number;
}

/** The most octets that a key of the type may have. */
export const maxKeyLength = (type: AuthenticationType): number =>
  type === 'simplePassword' ? MAX_PASSWORD_LENGTH : digestLength(type);

const U32 = 2 ** 32;

/** Authenticates one session, with bfd.XmitAuthSeq, bfd.RcvAuthSeq and bfd.AuthSeqKnown. */
export class Authentication {
  readonly #type: AuthenticationType;
  readonly #keys: ReadonlyMap<number, Uint8Array>;
  readonly #sendKeyId: number;
  readonly #sendKey: Uint8Array;
  #xmitAuthSeq: number;
  /** Null while bfd.AuthSeqKnown is 0. */
  #rcvAuthSeq: number | null = null;
  /** What was signed last, without its section: a sequence number that is not meticulous rises with what it says (section 6.7.3). */
  readonly #last = new Uint8Array(MANDATORY_LENGTH);

  /**
   * @param random - in [0, 1): bfd.XmitAuthSeq begins anywhere (section 6.8.1).
   * @param before - what authenticated the session until now: with the same type its sequence numbers go on, so that a change of keys
   *   disturbs nobody (section 6.7.1).
   * @throws {RangeError} for keys that the type cannot have.
   */
  constructor(config: AuthenticationConfig, random: () => number, before: Authentication | null) {
    this.#type = config.type;
    this.#keys = new Map(config.keys.map((key) => [key.id, octetsOf(config.type, key)]));
    const key = this.#keys.get(config.sendKeyId);
    if (key === undefined) throw new RangeError(`no key has the ID ${config.sendKeyId} that is to be sent with`);
    this.#sendKeyId = config.sendKeyId;
    this.#sendKey = key;
    const goesOn = before !== null && before.#type === config.type;
    this.#xmitAuthSeq = goesOn ? before.#xmitAuthSeq : Math.floor(random() * U32);
    this.#rcvAuthSeq = goesOn ? before.#rcvAuthSeq : null;
  }

  /** Octets of the section that {@link sign} appends. */
  get sectionLength(): number {
    return sectionLength(this.#type, this.#sendKey.length);
  }

  /** Appends the section to a mandatory section that stands at the writer's beginning. */
  sign(w: ByteWriter): void {
    if (this.#type === 'simplePassword') {
      this.#head(w);
      w.bytes(this.#sendKey);
      return;
    }
    this.#nextSequence(w.view());
    this.#head(w);
    w.u8(0);
    w.u32(this.#xmitAuthSeq);
    const at = w.length;
    w.bytes(padded(this.#sendKey, digestLength(this.#type)));
    const digest = digestOf(this.#type, w.view());
    w.rewind(at);
    w.bytes(digest);
  }

  /**
   * Judges the section of a packet that is otherwise right.
   *
   * @param detectMult - bfd.DetectMult: three times as many packets may be missing between two that are taken.
   */
  verify(octets: Uint8Array, packet: ControlPacket, detectMult: number): AuthenticationError | null {
    if (!packet.authenticationPresent) return 'missingAuthentication';
    if (octets[MANDATORY_LENGTH] !== authenticationCode(this.#type)) return 'authenticationType';
    const section = parseAuthenticationSection(octets, packet);
    if (section === null) return 'authenticationMalformed';
    const key = this.#keys.get(section.keyId);
    if (key === undefined) return 'authenticationKeyId';
    if (section.type === 'simplePassword') return sameOctets(section.password, key) ? null : 'authenticationDigest';
    if (!this.#inWindow(section.sequenceNumber, detectMult)) return 'authenticationSequence';
    if (!sameOctets(section.digest, expectedDigest(section, octets.subarray(0, packet.length), key))) {
      return 'authenticationDigest';
    }
    this.#rcvAuthSeq = section.sequenceNumber;
    return null;
  }

  /** bfd.AuthSeqKnown becomes 0: nothing was received for twice the Detection Time (section 6.8.1). */
  forgetSequence(): void {
    this.#rcvAuthSeq = null;
  }

  get #meticulous(): boolean {
    return this.#type === 'meticulousKeyedMd5' || this.#type === 'meticulousKeyedSha1';
  }

  #head(w: ByteWriter): void {
    w.u8(authenticationCode(this.#type));
    w.u8(this.sectionLength);
    w.u8(this.#sendKeyId);
  }

  #nextSequence(mandatory: Uint8Array): void {
    if (this.#meticulous || !sameOctets(mandatory, this.#last)) this.#xmitAuthSeq = (this.#xmitAuthSeq + 1) % U32;
    this.#last.set(mandatory);
  }

  /** Sections 6.7.3 and 6.7.4: from the last one on, or from the next where it is meticulous, circularly. */
  #inWindow(sequence: number, detectMult: number): boolean {
    if (this.#rcvAuthSeq === null) return true;
    const ahead = (sequence - this.#rcvAuthSeq + U32) % U32;
    return ahead >= (this.#meticulous ? 1 : 0) && ahead <= 3 * detectMult;
  }
}

function octetsOf(type: AuthenticationType, key: AuthenticationKey): Uint8Array {
  if (!Number.isInteger(key.id) || key.id < 0 || key.id > 255) throw new RangeError('a key ID is 0 to 255');
  const octets = new TextEncoder().encode(key.secret.reveal());
  const most = maxKeyLength(type);
  if (octets.length < 1 || octets.length > most) throw new RangeError(`a key of ${type} has 1 to ${most} octets`);
  return octets;
}

function padded(octets: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(octets);
  return whole;
}

type Digested = Exclude<AuthenticationType, 'simplePassword'>;

const digestOf = (type: Digested, octets: Uint8Array): Uint8Array =>
  digestLength(type) === 16 ? md5(octets) : sha1(octets);

const scratch = new ByteWriter(MAX_LENGTH);

/** The digest of the packet with the key where its digest stands. */
function expectedDigest(
  section: Extract<AuthenticationSection, { digest: Uint8Array }>,
  octets: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  scratch.reset();
  scratch.bytes(octets.subarray(0, MANDATORY_LENGTH + DIGEST_OFFSET));
  scratch.bytes(padded(key, section.digest.length));
  return digestOf(section.type, scratch.view());
}

/** In a time that does not tell how many octets were right. */
function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0);
  return difference === 0;
}
