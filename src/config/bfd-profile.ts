/** BFDProfile. Intervals are in milliseconds, as in the manifest; null is unset, which means the default of the field. */
import { BFDProfileSpec } from '../crd/bfd-profile.ts';
import { type Parsed, problem } from './problem.ts';
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

/** Reads a profile, and says that no BFD session runs yet. */
export const parseBfdProfile = (resource: Resource): Parsed<BfdProfile> =>
  parseSpec(BFDProfileSpec, resource, (spec, problems) => {
    problems.push(problem('not-running-yet', [], 'BFD does not run yet: sessions go down by their hold time alone'));
    return {
      name: resource.metadata.name,
      receiveIntervalMs: spec.receiveInterval ?? null,
      transmitIntervalMs: spec.transmitInterval ?? null,
      detectMultiplier: spec.detectMultiplier ?? null,
      echoIntervalMs: spec.echoInterval ?? null,
      echoMode: spec.echoMode,
      passiveMode: spec.passiveMode,
      minimumTtl: spec.minimumTtl ?? null,
    };
  });
