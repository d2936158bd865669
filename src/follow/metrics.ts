/** The metrics of what a process follows, by resource: `metallb_controller_reflector_…`, `metallb_speaker_reflector_…`. */
import type { Metric, MetricTable } from '../daemon/metric.ts';
import type { ReflectorView } from './source.ts';

interface View {
  readonly reflectors: readonly ReflectorView[];
}

function byResource(
  type: Metric<View>['type'],
  help: string,
  value: (reflector: ReflectorView) => number,
): Metric<View> {
  return {
    type,
    help,
    labels: ['resource'],
    *samples({ reflectors }) {
      for (const reflector of reflectors) yield { labels: { resource: reflector.resource }, value: value(reflector) };
    },
  };
}

/** @param component - `controller` or `speaker`. */
export const reflectorMetrics = (component: string): MetricTable<View> => ({
  [`metallb_${component}_reflector_synced_bool`]: byResource(
    'gauge',
    'Whether everything of the resource has been read (1)',
    ({ synced }) => Number(synced),
  ),
  [`metallb_${component}_reflector_failing_bool`]: byResource(
    'gauge',
    'Whether the resource cannot be read or watched at the moment (1): what was known counts meanwhile',
    ({ failing }) => Number(failing),
  ),
  [`metallb_${component}_reflector_objects`]: byResource('gauge', 'Objects of the resource', ({ objects }) => objects),
  [`metallb_${component}_reflector_lists_total`]: byResource(
    'counter',
    'Times that the resource was read as a whole',
    ({ lists }) => lists,
  ),
  [`metallb_${component}_reflector_watches_total`]: byResource(
    'counter',
    'Watches that were begun',
    ({ watches }) => watches,
  ),
  [`metallb_${component}_reflector_events_total`]: byResource(
    'counter',
    'Changes that watches told of',
    ({ events }) => events,
  ),
  [`metallb_${component}_reflector_errors_total`]: byResource(
    'counter',
    'Reads and watches that failed',
    ({ errors }) => errors,
  ),
  [`metallb_${component}_reflector_silent_watches_total`]: byResource(
    'counter',
    'Watches that did not tell what had happened, and were opened anew',
    ({ silences }) => silences,
  ),
});
