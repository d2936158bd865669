/** The test files that hold rules, by a short name. */
import { testsIn } from './rule.ts';

export const config = testsIn('src/config/build-config.test.ts');
export const configRules = testsIn('src/config/metallb-rules.test.ts');
export const communities = testsIn('src/config/community.test.ts');
export const selectors = testsIn('src/config/selector.test.ts');
export const timers = testsIn('src/config/timers.test.ts');
export const ranges = testsIn('src/net/ip-range.test.ts');
export const collect = testsIn('src/manifest/collect.test.ts');
export const clusterTests = testsIn('src/cluster/cluster.test.ts');
export const serviceRules = testsIn('src/cluster/service-rules.test.ts');
export const allocator = testsIn('src/allocator/allocator.test.ts');
export const allocatorRules = testsIn('src/allocator/metallb-rules.test.ts');
export const counters = testsIn('src/allocator/counters.test.ts');
export const events = testsIn('src/allocator/events.test.ts');
export const advertisements = testsIn('src/announce/advertisements.test.ts');
export const announceRules = testsIn('src/announce/metallb-rules.test.ts');
export const sessions = testsIn('src/announce/sessions.test.ts');
export const merge = testsIn('src/announce/merge.test.ts');
export const layer2 = testsIn('src/announce/l2.test.ts');
export const election = testsIn('src/announce/election.test.ts');
export const planTests = testsIn('src/plan/plan.test.ts');
export const layer2Plan = testsIn('src/plan/layer2-plan.test.ts');
export const snapshots = testsIn('src/plan/snapshot-builder.test.ts');
export const diff = testsIn('src/plan/diff.test.ts');
export const diffAndSpeaker = testsIn('test/diff-and-speaker.test.ts');
export const deprecatedAnnotation = testsIn('src/lint/rules/deprecated-annotation.test.ts');
