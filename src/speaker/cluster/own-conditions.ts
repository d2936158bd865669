/** What a speaker adds to the conditions of its ConfigurationState beside what it found in the configuration. Pure. */
import type { OwnCondition } from '../../report/configuration-state.ts';

/** That Services have no ServiceBGPStatus for want of room. */
export const limitCondition = (limit: number): OwnCondition => ({
  type: 'ServiceStatusesLimited',
  status: 'True',
  reason: 'LimitReached',
  message: `the cluster has ${limit} ServiceBGPStatus objects or more, so none is made for further Services: raise --service-status-limit, or turn them off with --service-status-rate 0`,
});

const MAX_NAMED = 10;

/** That Services have addresses which no pool has any more; null where none has. */
export function keptCondition(kept: ReadonlyMap<string, string>): OwnCondition | null {
  if (kept.size === 0) return null;
  const named = [...kept].slice(0, MAX_NAMED).map(([service, message]) => `${service}: ${message}`);
  const more = kept.size > MAX_NAMED ? [`and ${kept.size - MAX_NAMED} more`] : [];
  return { type: 'AddressesKept', status: 'True', reason: 'NotOfAPool', message: [...named, ...more].join('\n') };
}
