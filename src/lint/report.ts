/** From the text of manifests to findings in their places: what `metallb lint` does with its files, as one pure function. */

import { collectResources } from '../manifest/collect.ts';
import type { ManifestFile } from '../manifest/manifest.ts';
import { parseManifests } from '../manifest/manifest.ts';
import { placeFindings } from '../manifest/place.ts';
import { plan } from '../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions } from '../plan/snapshot.ts';
import { buildSnapshot } from '../plan/snapshot-builder.ts';
import { RULE_NAMES } from './catalogue.ts';
import { applyDisables, type Placed, type Silenced } from './disable.ts';
import { lint } from './lint.ts';

/** What lint has to say of some files, in the order in which it is found. */
export interface LintReport {
  readonly findings: readonly Placed[];
  readonly silenced: readonly Silenced[];
}

/** Lints files that were parsed. */
export function lintFiles(files: readonly ManifestFile[], options: PlanOptions = DEFAULT_PLAN_OPTIONS): LintReport {
  const collected = collectResources(files, options);
  const built = buildSnapshot(collected.resources, { ...options, mayBePart: true });
  const planned = plan({ ...built, findings: [...collected.findings, ...built.findings] }, options);
  const placed = placeFindings(lint(planned, collected.resources), collected.resources);
  const { left, silenced } = applyDisables(
    placed,
    files.flatMap(({ disables }) => disables),
    RULE_NAMES,
  );
  return { findings: left, silenced };
}

/** Lints one text, as if it were a file; undefined where it cannot be parsed at all. */
export function lintText(file: string, text: string, options?: PlanOptions): LintReport | undefined {
  const parsed = parseManifests(file, text);
  return parsed.ok ? lintFiles([parsed.value], options) : undefined;
}
