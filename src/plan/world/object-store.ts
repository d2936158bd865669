/** The objects of one kind as a world holds them: what each means, under which version, and what was found in it. */
import type { Finding, Parsed } from '../../config/problem.ts';
import { findingOf } from '../../config/problem.ts';
import type { ObjectRef } from '../../config/resource.ts';
import { keptFinding } from '../snapshot-builder.ts';
import { sameData } from './same-data.ts';

/** Which writing of an object this is; null where the object was never in a cluster. */
export interface ObjectVersion {
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

/** One object that means something else than before, or in which something else was found. */
export interface StoreChange<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
  readonly findingsBefore: readonly Finding[];
  readonly findingsAfter: readonly Finding[];
}

interface Stored<T> {
  readonly version: ObjectVersion;
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

const NONE: readonly Finding[] = [];

export class ObjectStore<T extends object> {
  readonly #keepsLastGood: boolean;
  readonly #objects = new Map<string, Stored<T>>();
  /** How many objects have findings: nearly always none, and then nobody looks for them. */
  #withFindings = 0;

  /** @param keepsLastGood - whether a faulty object counts as it last was (docs/decisions.md 24), or not at all. */
  constructor(keepsLastGood: boolean) {
    this.#keepsLastGood = keepsLastGood;
  }

  /** Whether exactly this writing of the object has been taken in. */
  knows(key: string, { uid, resourceVersion }: ObjectVersion): boolean {
    const version = this.#objects.get(key)?.version;
    return resourceVersion !== null && version?.resourceVersion === resourceVersion && version.uid === uid;
  }

  /** Whether the object has been made anew under its name: nothing of the former one counts for it. */
  isOther(key: string, { uid }: ObjectVersion): boolean {
    const version = this.#objects.get(key)?.version;
    return version !== undefined && version.uid !== null && uid !== null && version.uid !== uid;
  }

  /** Takes in a writing of the object; undefined where nothing is different. An object that changes keeps its place among the others. */
  put(key: string, ref: ObjectRef, version: ObjectVersion, parsed: Parsed<T>): StoreChange<T> | undefined {
    const known = this.#objects.get(key);
    const findings = parsed.problems.map((found) => findingOf(found, ref));
    let value = parsed.value ?? undefined;
    if (value === undefined && this.#keepsLastGood && known?.value !== undefined) {
      value = known.value;
      findings.push(keptFinding(ref));
    }
    if (known !== undefined && sameData(value, known.value)) value = known.value;
    this.#count(known?.findings, findings);
    this.#objects.set(key, { version, value, findings: findings.length === 0 ? NONE : findings });
    return changeOf(known, value, findings);
  }

  remove(key: string): StoreChange<T> | undefined {
    const known = this.#objects.get(key);
    if (known === undefined) return undefined;
    this.#objects.delete(key);
    this.#count(known.findings, NONE);
    return changeOf(known, undefined, NONE);
  }

  /** `metadata.uid` of the writing that was last taken in; null where the object is not there, or never was in a cluster. */
  uidOf(key: string): string | null {
    return this.#objects.get(key)?.version.uid ?? null;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)?.value;
  }

  /** What is in force, in the order in which the objects came. */
  *values(): Generator<T> {
    for (const { value } of this.#objects.values()) if (value !== undefined) yield value;
  }

  /** In the order of the objects. */
  findings(): readonly Finding[] {
    return this.#withFindings === 0 ? NONE : [...this.#objects.values()].flatMap(({ findings }) => findings);
  }

  #count(before: readonly Finding[] | undefined, after: readonly Finding[]): void {
    this.#withFindings += Number(after.length > 0) - Number((before?.length ?? 0) > 0);
  }
}

function changeOf<T>(
  known: Stored<T> | undefined,
  after: T | undefined,
  findingsAfter: readonly Finding[],
): StoreChange<T> | undefined {
  const [before, findingsBefore] = [known?.value, known?.findings ?? NONE];
  if (before === after && sameData(findingsBefore, findingsAfter)) return undefined;
  return { before, after, findingsBefore, findingsAfter };
}
