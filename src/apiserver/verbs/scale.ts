/** The scale subresource: a view (autoscaling/v1 Scale) of how many an object wants and has. */
import { isObject, listAt, objectAt, textAt, valueAt } from '../json.ts';
import { badRequest, invalid, invalidValue } from '../status.ts';
import type { ApiObject, Json, ScalePaths } from '../types.ts';

const stepsOf = (path: string): readonly string[] => path.replace(/^\./, '').split('.');

export function scaleOf(object: ApiObject, paths: ScalePaths): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelectorPath === undefined
      ? selectorText(objectAt(object, 'spec', 'selector'))
      : textAt(object, ...stepsOf(paths.labelSelectorPath));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: { replicas: numberAt(object, paths.specReplicasPath) },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath),
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** The object with as many wanted as a Scale says. @throws ApiError where that is no number of replicas */
export function scaled(object: ApiObject, scale: unknown, paths: ScalePaths): Json {
  if (!isObject(scale)) throw badRequest('the body of the request must be a Scale');
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (!Number.isInteger(replicas) || (replicas as number) < 0)
    throw invalid('autoscaling', 'Scale', object.metadata.name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  const resourceVersion = textAt(scale, 'metadata', 'resourceVersion');
  return {
    ...(set(object, stepsOf(paths.specReplicasPath), replicas) as Json),
    metadata: { ...object.metadata, ...(resourceVersion === '' ? {} : { resourceVersion }) },
  };
}

const set = (at: unknown, [step, ...rest]: readonly string[], value: unknown): unknown =>
  step === undefined
    ? value
    : { ...(isObject(at) ? at : {}), [step]: set(isObject(at) ? at[step] : undefined, rest, value) };

const numberAt = (object: ApiObject, path: string): number => {
  const value = valueAt(object, ...stepsOf(path));
  return typeof value === 'number' ? value : 0;
};

/** A LabelSelector as text. */
function selectorText(selector: Json): string {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${String(value)}`);
  const sets = listAt(selector, 'matchExpressions').map((expression) => {
    const [key, operator] = [textAt(expression, 'key'), textAt(expression, 'operator')];
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${listAt(expression, 'values').join(',')})`;
  });
  return [...equal, ...sets].join(',');
}
