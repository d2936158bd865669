/**
 * Every path attribute that this engine understands. A new one is a file with its codec, and one line in {@link CODECS}.
 */
import type { AttributeCodec } from './attribute.ts';
import { aggregator, as4Aggregator, atomicAggregate } from './attribute-aggregator.ts';
import { as4Path, asPath } from './attribute-as-path.ts';
import { communities, extendedCommunities, largeCommunities } from './attribute-communities.ts';
import { mpReach, mpUnreach } from './attribute-mp.ts';
import { localPref, med, nextHop, origin } from './attribute-origin.ts';
import { onlyToCustomer } from './attribute-otc.ts';
import { clusterList, originatorId } from './attribute-reflection.ts';

/** In ascending order of their code. */
const CODECS = [
  origin,
  asPath,
  nextHop,
  med,
  localPref,
  atomicAggregate,
  aggregator,
  communities,
  originatorId,
  clusterList,
  mpReach,
  mpUnreach,
  extendedCommunities,
  as4Path,
  as4Aggregator,
  largeCommunities,
  onlyToCustomer,
] as const;

type Decoded<C> =
  C extends AttributeCodec<infer Name, infer Value>
    ? {
        readonly type: Name;
        /** As received, with the extended-length bit and the four unused bits cleared. */
        readonly flags: number;
        readonly value: Value;
      }
    : never;

/** A path attribute with its value understood. */
export type KnownAttribute = Decoded<(typeof CODECS)[number]>;

/** A path attribute that is kept as it came. */
export interface UnknownAttribute {
  readonly type: 'unknown';
  readonly code: number;
  readonly flags: number;
  readonly value: Uint8Array;
}

/** Any path attribute. */
export type PathAttribute = KnownAttribute | UnknownAttribute;
/** The names of the attributes that are understood. */
export type AttributeName = KnownAttribute['type'];
/** What the codec of this name decodes to. */
export type ValueOf<Name extends AttributeName> = Extract<KnownAttribute, { type: Name }>['value'];

/** The codec of one attribute among many: what it decodes is paired with its name by {@link KnownAttribute}. */
export type AnyAttributeCodec = AttributeCodec<AttributeName, unknown>;

const BY_CODE: ReadonlyMap<number, AnyAttributeCodec> = new Map(
  CODECS.map((codec) => [codec.code, codec as unknown as AnyAttributeCodec]),
);
const BY_NAME: ReadonlyMap<string, AnyAttributeCodec> = new Map(
  CODECS.map((codec) => [codec.name, codec as unknown as AnyAttributeCodec]),
);

/** The codec of a type code; undefined for one that is not understood. */
export const codecOf = (code: number): AnyAttributeCodec | undefined => BY_CODE.get(code);

/** The codec behind a name of {@link AttributeName}. */
export const codecNamed = (name: AttributeName): AnyAttributeCodec => BY_NAME.get(name) as AnyAttributeCodec;
