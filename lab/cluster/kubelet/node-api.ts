/** What a kubelet asks and tells the API server. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { POD, SECRET } from '../../../src/kube/resource-types.ts';
import type { RestClient } from '../../../src/kube/rest.ts';
import { KubeError, type ResourceType } from '../../../src/kube/types.ts';
import type { Pod } from './pod.ts';
import { type ShortTokens, shorten } from './short-token.ts';
import type { IssuedToken } from './volumes.ts';

const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** Of a request; the kubelet goes on whatever becomes of it. */
const TIMEOUT_MS = 10_000;

export class NodeApi {
  readonly #api: RestClient;
  readonly #shortTokens: ShortTokens | undefined;

  constructor(api: RestClient, shortTokens: ShortTokens | undefined) {
    this.#api = api;
    this.#shortTokens = shortTokens;
  }

  /** The data of an object, decoded; undefined where there is no such object. */
  async data(
    kind: 'Secret' | 'ConfigMap',
    namespace: string,
    name: string,
  ): Promise<Readonly<Record<string, Buffer>> | undefined> {
    try {
      const object = await this.#api.get(kind === 'Secret' ? SECRET : CONFIG_MAP, { namespace, name }, timeout());
      const { data = {}, binaryData = {} } = object as unknown as {
        readonly data?: Readonly<Record<string, string>>;
        readonly binaryData?: Readonly<Record<string, string>>;
      };
      const text = kind === 'Secret' ? 'base64' : 'utf8';
      return Object.fromEntries([
        ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value, text)]),
        ...Object.entries(binaryData).map(([key, value]) => [key, Buffer.from(value, 'base64')]),
      ]);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** A token of the Pod's service account, which ends with the Pod. */
  async token({ metadata, spec }: Pod, audience: string | undefined, expirationSeconds: number): Promise<IssuedToken> {
    const path = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${spec.serviceAccountName ?? 'default'}/token`;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience === undefined ? {} : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid },
      },
    };
    const { status } = (await this.#api.raw('POST', path, body, timeout())) as {
      readonly status: { readonly token: string; readonly expirationTimestamp: string };
    };
    const { token, expirationTimestamp } = status;
    if (this.#shortTokens === undefined) return { token, expiresAtMs: Date.parse(expirationTimestamp) };
    const { signingKey, lifetimeSeconds } = this.#shortTokens;
    return shorten(token, readFileSync(signingKey, 'utf8'), lifetimeSeconds, Date.now());
  }

  /** Returns whether there still is such a Pod. */
  async tellStatus({ metadata }: Pod, status: unknown): Promise<boolean> {
    const { namespace = '', name, uid } = metadata;
    try {
      await this.#api.patch(
        POD,
        { namespace, name },
        { type: 'merge', body: { metadata: { uid }, status } },
        timeout(),
        'status',
      );
      return true;
    } catch (error) {
      if (error instanceof KubeError && (error.status === 404 || error.status === 409)) return false;
      throw error;
    }
  }

  /** Takes the object away when all of the Pod has ended; tries until it is gone. */
  async finish({ metadata: { namespace, name, uid } }: Pod): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } };
    for (;;) {
      try {
        await this.#api.raw('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, body, timeout());
        return;
      } catch (error) {
        if (error instanceof KubeError && (error.status === 404 || error.status === 409)) return;
        await sleep(1_000);
      }
    }
  }
}

const timeout = (): AbortSignal => AbortSignal.timeout(TIMEOUT_MS);
