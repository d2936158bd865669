/** What the controller knows of the speakers: their Pods, and what their SpeakerStatuses say of their sessions. */
import type { KubeObject, OwnerReference } from '../kube/types.ts';

/** A Pod of our own namespace. */
export interface SeenPod {
  readonly name: string;
  readonly uid: string;
  readonly speaker: boolean;
  readonly node: string;
  readonly ready: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a Pod; both sets of labels name a speaker (docs/decisions.md 8). */
export function readPod({ metadata, spec, status }: KubeObject): SeenPod {
  const { labels = {}, name, uid = '', deletionTimestamp } = metadata;
  const { nodeName } = (spec ?? {}) as Json;
  const { conditions } = (status ?? {}) as Json;
  const isReady = (one: unknown): boolean => {
    const { type, status: state } = (one ?? {}) as Json;
    return type === 'Ready' && state === 'True';
  };
  return {
    name,
    uid,
    speaker: labels.component === 'speaker' || labels['app.kubernetes.io/component'] === 'speaker',
    node: typeof nodeName === 'string' ? nodeName : '',
    ready: deletionTimestamp === undefined && Array.isArray(conditions) && conditions.some(isReady),
  };
}

/** The peers with which a speaker has Established sessions, by name. */
export function readEstablished({ status }: KubeObject): readonly string[] {
  const { sessions } = (status ?? {}) as Json;
  if (!Array.isArray(sessions)) return [];
  return sessions.flatMap((session: unknown) => {
    const { peer, state } = (session ?? {}) as Json;
    return state === 'Established' && typeof peer === 'string' ? [peer] : [];
  });
}

export class Speakers {
  readonly #pods = new Map<string, SeenPod>();
  /** By node: the names of peers. */
  readonly #established = new Map<string, readonly string[]>();
  #seen = false;

  setPod(key: string, pod: SeenPod | undefined): void {
    if (pod === undefined) this.#pods.delete(key);
    else this.#pods.set(key, pod);
    this.#seen ||= pod?.speaker === true;
  }

  setStatus(node: string, established: readonly string[] | undefined): void {
    if (established === undefined) this.#established.delete(node);
    else this.#established.set(node, established);
  }

  /** Whether a ready speaker is on the node; null where speakers have never been seen as Pods. */
  isReadyOn(node: string): boolean | null {
    if (!this.#seen) return null;
    for (const pod of this.#pods.values()) if (pod.speaker && pod.ready && pod.node === node) return true;
    return false;
  }

  /** On how many nodes there is an Established session with each peer, as far as somebody vouches for it. */
  establishedByPeer(): ReadonlyMap<string, number> {
    const ready = new Set([...this.#pods.values()].filter((pod) => pod.speaker && pod.ready).map(({ node }) => node));
    const counts = new Map<string, number>();
    for (const [node, peers] of this.#established) {
      if (this.#seen && !ready.has(node)) continue;
      for (const peer of peers) counts.set(peer, (counts.get(peer) ?? 0) + 1);
    }
    return counts;
  }

  /** The Pod of this name, as the owner of what it writes. */
  ownerOf(podName: string): OwnerReference | null {
    for (const { name, uid } of this.#pods.values())
      if (name === podName && uid !== '') return { apiVersion: 'v1', kind: 'Pod', name, uid };
    return null;
  }
}
