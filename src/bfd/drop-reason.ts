/** Why a packet was dropped: the checks of RFC 5880 section 6.8.6 in their order, of section 6.7, and of RFC 5881 and RFC 5883. Each is counted. */

/** What is wrong with a packet by itself, before its session is looked up. */
export type PacketError =
  | 'badVersion'
  | 'truncated'
  | 'lengthTooShort'
  | 'lengthBeyondPayload'
  | 'zeroDetectMult'
  | 'multipoint'
  | 'zeroMyDiscriminator'
  | 'zeroYourDiscriminator';

/** Where authentication fails (RFC 5880 section 6.7). */
export type AuthenticationError =
  | 'unexpectedAuthentication'
  | 'missingAuthentication'
  | 'authenticationMalformed'
  | 'authenticationType'
  | 'authenticationKeyId'
  | 'authenticationSequence'
  | 'authenticationDigest';

export type DropReason =
  | PacketError
  | AuthenticationError
  /** The TTL is not 255 on a single hop (RFC 5881 section 5), or below the least that a multihop session takes. */
  | 'badTtl'
  /** Your Discriminator is of no session of ours. */
  | 'unknownDiscriminator'
  /** Your Discriminator is zero, and no session is with that address. */
  | 'unknownSource'
  /** Your Discriminator is of a session of the other port, the other family, or of a multihop session with other addresses. */
  | 'wrongPath'
  /** The session is AdminDown: it takes nothing (section 6.8.6), but still answers a Poll. */
  | 'administrativelyDown'
  /** No BFD Echo packet that we have sent and still wait for. */
  | 'unknownEcho';

/** What each says to a reader, without the number or address that a place may add. */
export const DROP_REASON_TEXT: Readonly<Record<DropReason, string>> = {
  badVersion: 'the version is not 1',
  truncated: 'there are fewer than 24 octets',
  lengthTooShort: 'Length is less than the mandatory section (24, or 26 with the A bit)',
  lengthBeyondPayload: 'Length is more than there are octets',
  zeroDetectMult: 'Detect Mult is zero',
  multipoint: 'the M bit is set',
  zeroMyDiscriminator: 'My Discriminator is zero',
  zeroYourDiscriminator: 'Your Discriminator is zero, and State is neither Down nor AdminDown',
  unexpectedAuthentication: 'it is authenticated, and the session is not',
  missingAuthentication: 'it is not authenticated, and the session is',
  authenticationMalformed: 'the authentication section does not fit its type',
  authenticationType: 'it is authenticated in another way than the session',
  authenticationKeyId: 'its key ID is not of the session',
  authenticationSequence: 'its sequence number is not within the window',
  authenticationDigest: 'its password or digest is wrong',
  badTtl: 'its TTL is lower than the session takes',
  unknownDiscriminator: 'Your Discriminator selects no session',
  unknownSource: 'no session is with its source',
  wrongPath: 'it did not come by the path of the session',
  administrativelyDown: 'the session is AdminDown',
  unknownEcho: 'it is no Echo packet that is waited for',
};

export const DROP_REASONS = Object.keys(DROP_REASON_TEXT) as readonly DropReason[];
