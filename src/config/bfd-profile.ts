/** BFDProfile. Intervals are in milliseconds, as in the manifest; null is unset, which means the default of the field. */
import { BFDProfileSpec } from '../crd/bfd-profile.ts';
import type { Parsed } from './problem.ts';
import type { Resource } from './resource.ts';
import { parseSpec } from './shape.ts';

export interface BfdProfile {
  readonly name: string;
  readonly receiveIntervalMs: number | null;
  readonly transmitIntervalMs: number | null;
  readonly detectMultiplier: number | null;
  readonly echoIntervalMs: number | null;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
  readonly minimumTtl: number | null;
}

export const parseBfdProfile = (resource: Resource): Parsed<BfdProfile> =>
  parseSpec(BFDProfileSpec, resource, (spec) => ({
    name: resource.metadata.name,
    receiveIntervalMs: spec.receiveInterval ?? null,
    transmitIntervalMs: spec.transmitInterval ?? null,
    detectMultiplier: spec.detectMultiplier ?? null,
    echoIntervalMs: spec.echoInterval ?? null,
    echoMode: spec.echoMode,
    passiveMode: spec.passiveMode,
    minimumTtl: spec.minimumTtl ?? null,
  }));

/** What a profile comes to where it says nothing: FRR's defaults, which are MetalLB's. */
export interface BfdParameters {
  readonly receiveIntervalMs: number;
  readonly transmitIntervalMs: number;
  readonly detectMultiplier: number;
  readonly echoIntervalMs: number;
  readonly minimumTtl: number;
}

/** The numbers of a profile, defaults included. */
export const bfdParametersOf = (profile: BfdProfile): BfdParameters => ({
  receiveIntervalMs: profile.receiveIntervalMs ?? 300,
  transmitIntervalMs: profile.transmitIntervalMs ?? 300,
  detectMultiplier: profile.detectMultiplier ?? 3,
  echoIntervalMs: profile.echoIntervalMs ?? 50,
  minimumTtl: profile.minimumTtl ?? 254,
});
