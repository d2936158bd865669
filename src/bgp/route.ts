/** What an originator wants to say of a prefix, before a session makes path attributes of it. */

/** A large community (RFC 8092): three unsigned 32-bit numbers. */
export interface LargeCommunity {
  readonly globalAdministrator: number;
  readonly localData1: number;
  readonly localData2: number;
}

/**
 * The wish, the same for every peer. The session adds what only it knows: ORIGIN, AS_PATH, NEXT_HOP, and whether LOCAL_PREF may be
 * sent at all (RFC 4271 section 5.1.5).
 */
export interface RouteAttributes {
  /** To internal peers only; null is sent to them as 100. */
  readonly localPref: number | null;
  /** MULTI_EXIT_DISC; null is not sent. */
  readonly med: number | null;
  /** How many more times than once our AS stands in AS_PATH towards an external peer. */
  readonly asPathPrepend: number;
  /** RFC 1997, as unsigned 32-bit numbers, ascending, each once. */
  readonly communities: readonly number[];
  /** RFC 8092, ascending, each once. */
  readonly largeCommunities: readonly LargeCommunity[];
  /** RFC 4360, eight octets each as an unsigned number, ascending, each once; most routes have none. */
  readonly extendedCommunities?: readonly bigint[];
}

/** `a:b`, also of the well-known ones. */
export const formatCommunity = (community: number): string => `${community >>> 16}:${community & 0xffff}`;

/** `a:b:c`. */
export const formatLargeCommunity = (community: LargeCommunity): string =>
  `${community.globalAdministrator}:${community.localData1}:${community.localData2}`;

/** Order of large communities: by their three numbers. */
export const compareLargeCommunity = (a: LargeCommunity, b: LargeCommunity): number =>
  a.globalAdministrator - b.globalAdministrator || a.localData1 - b.localData1 || a.localData2 - b.localData2;
