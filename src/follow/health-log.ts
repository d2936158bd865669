/** Says once that a resource cannot be followed, once that it can be again, and each time that a watch fell silent. */
import type { Logger } from '../io/logger.ts';
import type { ReflectorHealth } from '../kube/reflector.ts';

/** A handler of a source's `onHealth` that writes the log. */
export function healthLog(log: Logger): (resource: string, health: ReflectorHealth) => void {
  const failing = new Set<string>();
  const silences = new Map<string, number>();
  return (resource, health) => {
    const { error, synced } = health;
    if (health.silences > (silences.get(resource) ?? 0))
      log.info({ event: 'watchSilent', resource }, 'a watch did not tell what had happened: it was opened anew');
    silences.set(resource, health.silences);
    if (error !== null && !failing.has(resource)) {
      failing.add(resource);
      log.warn(
        { event: 'watchFailing', resource, error, synced },
        'the API cannot be followed: what was known counts meanwhile',
      );
    } else if (error === null && failing.delete(resource)) {
      log.info({ event: 'watchRestored', resource }, 'the API is followed again');
    }
  };
}
