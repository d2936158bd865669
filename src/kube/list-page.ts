/** The answer to a list, its items understood as they are taken. */
import { isJsonObject } from '../is-json-object.ts';
import { takeApart } from './list-text.ts';
import { apiVersionOf } from './resource-types.ts';
import { isObject, parsed } from './rest-answer.ts';
import { KubeError, type KubeObject, type ListPage, type ResourceType } from './types.ts';

/** Null for what is no list, which must not be taken for an empty one. */
export function listPageOf(text: string, type: ResourceType): Omit<ListPage, 'bytes'> | null {
  const parts = takeApart(text);
  const list = parsed(parts?.rest ?? text);
  if (!isJsonObject(list) || !isJsonObject(list.metadata)) return null;
  const { resourceVersion, continue: continueToken, remainingItemCount } = list.metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '') return null;
  // Go writes a list of nothing as null; and of two keys of one name the last would count.
  const around = list.items ?? [];
  if (!Array.isArray(around) || around.length > 0) return null;
  return {
    resourceVersion,
    continueToken: typeof continueToken === 'string' ? continueToken : '',
    ...(typeof remainingItemCount === 'number' ? { remainingItemCount } : {}),
    items: new Items(parts?.items ?? [], type),
  };
}

class Items implements Iterable<KubeObject> {
  readonly #texts: readonly string[];
  readonly #type: ResourceType;

  constructor(texts: readonly string[], type: ResourceType) {
    this.#texts = texts;
    this.#type = type;
  }

  get length(): number {
    return this.#texts.length;
  }

  *[Symbol.iterator](): Generator<KubeObject> {
    const { kind } = this.#type;
    const apiVersion = apiVersionOf(this.#type);
    for (const text of this.#texts) {
      const item = parsed(text);
      if (!isObject(item)) throw new KubeError(`a list of ${kind} with something that is no object`, 200, 'BadAnswer');
      // In a list, items of built-in kinds have neither of the two.
      yield { ...item, apiVersion, kind };
    }
  }
}
