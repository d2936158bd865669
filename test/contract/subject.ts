/** What the contract suite is run against, and what its parts share. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type ApiClient, dig, eventually, type Json, type Manifest } from './client.ts';

/** A server that runs. */
export interface Subject {
  readonly api: ApiClient;
  /** Forgets the past: what goes on from before is refused from now on. */
  expireHistory(): Promise<void>;
  close(): Promise<void>;
}

/** The server of a run; it is there once the tests run. */
export type GetSubject = () => Subject;

export const randomName = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

/** A namespace of the tests that follow in this describe block: its name, once they run. */
export function useNamespace(subject: GetSubject): () => string {
  const name = randomName('contract');
  beforeAll(async () => {
    const { status, text } = await subject().api.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
    if (status !== 201) throw new Error(`no namespace: ${status} ${text}`);
  });
  afterAll(async () => {
    await subject().api.delete(`/api/v1/namespaces/${name}`);
  });
  return () => name;
}

/** The path of a namespaced resource of the core group. */
export const core = (namespace: string, plural: string, name?: string): string =>
  `/api/v1/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;

/** The path of a namespaced resource of another group: `grouped('apps/v1', 'default', 'deployments')`. */
export const grouped = (groupVersion: string, namespace: string, plural: string, name?: string): string =>
  `/apis/${groupVersion}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;

export const configMap = (name: string, data: Json = {}, metadata: Json = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

export const service = (name: string, spec: Json = {}, metadata: Json = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, ...metadata },
  spec: { ports: [{ port: 80 }], ...spec },
});

/** The object as read, with other fields: what a client sends back by PUT. */
export const withFields = (object: Json, fields: Json): Json => ({ ...object, ...fields });

export const withMetadata = (object: Json, fields: Json): Json => ({
  ...object,
  metadata: { ...(dig(object, 'metadata') as Json), ...fields },
});

/**
 * The causes of a refusal, as `field: reason`; without the remark (field `<nil>`) that some rules were not looked at because the object
 * was wrong already.
 */
export const causesOf = (status: Json): readonly string[] =>
  ((dig(status, 'details', 'causes') ?? []) as readonly Json[])
    .filter((cause) => cause.field !== '<nil>')
    .map((cause) => `${cause.field}: ${cause.reason}`);

/** What a Failure is expected to be. */
export const failure = (code: number, reason: string): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason,
  code,
});

/** Waits until nothing is there any more: controllers work in the background. */
export async function eventuallyGone(api: ApiClient, path: string): Promise<void> {
  await eventually(
    () => api.get(path),
    ({ status }) => status === 404,
    30_000,
  );
}
