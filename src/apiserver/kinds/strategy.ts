/**
 * What a kind does beyond being stored: defaults, checks, and what it is given (addresses, ports). One file per kind; this is what they have in
 * common, and what applies where a kind says nothing (the names follow Kubernetes' registry: rest.RESTCreateStrategy and its like).
 */
import type { Draft } from '../json.ts';
import type { FieldError } from '../status.ts';
import type { ApiObject } from '../types.ts';
import type { NameRule } from './names.ts';

export interface Strategy {
  readonly names: NameRule;
  /** Counts changes of everything but metadata and status. */
  readonly generation: boolean;
  /** A status that comes with a new object is kept: nodes register themselves with theirs. */
  readonly statusAtCreation: boolean;
  /** Whether a PUT without a resourceVersion overwrites whatever there is. */
  readonly unconditionalUpdate: boolean;
  /** Whether a PUT of an object that is not there makes it. */
  readonly createOnUpdate: boolean;
  /** Fills in what was left out. `old` is null at creation. */
  prepare?(draft: Draft, old: ApiObject | null): void;
  validate?(object: ApiObject, old: ApiObject | null): readonly FieldError[];
  /** Gives what is handed out, after everything was found right. Nothing is taken until the object is stored. */
  allocate?(draft: Draft, old: ApiObject | null): readonly FieldError[];
}

/** Of custom resources; built-in kinds differ by field. */
export const CUSTOM: Strategy = {
  names: 'subdomain',
  generation: true,
  statusAtCreation: false,
  unconditionalUpdate: false,
  createOnUpdate: false,
};

export const PLAIN: Strategy = { ...CUSTOM, generation: false, unconditionalUpdate: true };
