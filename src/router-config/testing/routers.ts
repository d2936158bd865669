/** From the text of manifests to routers, for tests. */
import { collectResources } from '../../manifest/collect.ts';
import { parseManifests } from '../../manifest/manifest.ts';
import { plan } from '../../plan/plan.ts';
import { DEFAULT_PLAN_OPTIONS } from '../../plan/snapshot.ts';
import { buildSnapshot } from '../../plan/snapshot-builder.ts';
import { type BuiltRouters, buildRouters } from '../build.ts';
import type { Router } from '../model.ts';
import type { RouterOptions } from '../neighbors.ts';

const DEFAULTS: RouterOptions = { listenRange: null, maxNeighbors: null, subnets: [], pathsOf: () => null };

/** What is made of these manifests, which have to be readable. */
export function routersOf(text: string, options: Partial<RouterOptions> = {}): BuiltRouters {
  const parsed = parseManifests('test.yaml', text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const { resources } = collectResources([parsed.value], DEFAULT_PLAN_OPTIONS);
  const snapshot = buildSnapshot(resources, { ...DEFAULT_PLAN_OPTIONS, mayBePart: true });
  return buildRouters(plan(snapshot), { ...DEFAULTS, ...options });
}

/** The only router of these manifests. */
export function routerOf(text: string, options: Partial<RouterOptions> = {}): Router {
  const { routers, findings } = routersOf(text, options);
  const [router] = routers;
  if (router === undefined || routers.length > 1)
    throw new Error(`${routers.length} routers: ${findings.map(({ message }) => message).join('; ')}`);
  return router;
}
