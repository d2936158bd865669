/**
 * The volumes of a Pod as directories of the machine, kept up to date while the Pod lives.
 *
 * Secrets and ConfigMaps are looked at again every two seconds (the kubelet does it every minute); a service account's token is renewed when four
 * fifths of its time are over, as the kubelet does.
 */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../../src/error-message.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { pause } from '../../../src/time/pause.ts';
import { AtomicDirectory, type Files } from './atomic-directory.ts';
import type { Mount } from './container-start.ts';
import type { ContainerSpec, Items, Pod, ProjectedSource, Volume } from './pod.ts';

/** A token and what is known of its time. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface VolumeSources {
  /** Undefined where there is no such object. */
  readonly object: (
    kind: 'Secret' | 'ConfigMap',
    name: string,
  ) => Promise<Readonly<Record<string, Buffer>> | undefined>;
  readonly token: (audience: string | undefined, expirationSeconds: number) => Promise<IssuedToken>;
  readonly field: (path: string) => string | undefined;
}

const REFRESH_MS = 2_000;
const RETRY_MS = 1_000;
/** The API server's own default for projected tokens. */
const TOKEN_SECONDS = 3_600;
const RENEW_AT = 0.8;

/** Content by path, from one volume's sources. */
type Render = () => Promise<Files>;

export class Volumes {
  readonly #directory: string;
  readonly #sources: VolumeSources;
  readonly #onFailure: (message: string) => void;
  /** The directory of each volume. */
  readonly #paths = new Map<string, string>();

  constructor(directory: string, sources: VolumeSources, onFailure: (message: string) => void) {
    this.#directory = directory;
    this.#sources = sources;
    this.#onFailure = onFailure;
  }

  /** Resolves when all are filled: a Secret that is not there yet is waited for. Then keeps them so until the signal is aborted. */
  async mount({ spec: { volumes = [] } }: Pick<Pod, 'spec'>, signal: AbortSignal): Promise<void> {
    for (const volume of volumes) {
      const path = volume.hostPath?.path ?? join(this.#directory, volume.name);
      this.#paths.set(volume.name, path);
      const sources = sourcesOf(volume);
      if (sources === undefined) {
        mkdirSync(path, { recursive: true });
        continue;
      }
      const directory = new AtomicDirectory(path);
      const render = this.#renderOf(sources);
      await this.#fill(volume.name, directory, render, signal);
      void this.#refresh(volume.name, directory, render, signal);
    }
  }

  /** How a container sees them. */
  mountsOf({ volumeMounts = [] }: ContainerSpec): readonly Mount[] {
    return volumeMounts.map(({ name, mountPath, subPath, readOnly = false }) => {
      const directory = this.#paths.get(name);
      if (directory === undefined) throw new Error(`there is no volume "${name}"`);
      const source = subPath === undefined ? directory : join(directory, subPath);
      if (!existsSync(source)) mkdirSync(source, { recursive: true });
      return { source, target: mountPath, readOnly, isFile: !lstatSync(source).isDirectory() };
    });
  }

  async #fill(name: string, directory: AtomicDirectory, render: Render, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        directory.write(await render());
        return;
      } catch (error) {
        this.#onFailure(`MountVolume.SetUp failed for volume "${name}" : ${errorMessage(error)}`);
        await pause(systemClock, RETRY_MS, signal);
      }
    }
  }

  async #refresh(name: string, directory: AtomicDirectory, render: Render, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(systemClock, REFRESH_MS, signal);
      if (signal.aborted) return;
      try {
        const files = await render();
        if (!signal.aborted) directory.write(files);
      } catch (error) {
        // What the container has stays: an API server that is away takes nothing from it.
        this.#onFailure(`volume "${name}" is not up to date: ${errorMessage(error)}`);
      }
    }
  }

  #renderOf(sources: readonly ProjectedSource[]): Render {
    const renders = sources.map((source) => this.#renderSource(source));
    return async () => Object.assign({}, ...(await Promise.all(renders.map((render) => render()))));
  }

  #renderSource({ secret, configMap, serviceAccountToken, downwardAPI }: ProjectedSource): Render {
    const { object, field } = this.#sources;
    const ofObject =
      (kind: 'Secret' | 'ConfigMap', name: string, items: Items | undefined, optional: boolean) => async () => {
        const data = await object(kind, name);
        if (data === undefined && !optional) throw new Error(`${kind.toLowerCase()} "${name}" not found`);
        return pick(data ?? {}, items, `${kind} ${name}`, optional);
      };
    if (secret !== undefined) return ofObject('Secret', secret.name, secret.items, secret.optional === true);
    if (configMap !== undefined)
      return ofObject('ConfigMap', configMap.name, configMap.items, configMap.optional === true);
    if (serviceAccountToken !== undefined) return this.#renderToken(serviceAccountToken);
    const items = downwardAPI?.items ?? [];
    return async () =>
      Object.fromEntries(
        items.map(({ path, fieldRef }) => [path, Buffer.from(field(fieldRef?.fieldPath ?? '') ?? '')]),
      );
  }

  #renderToken({
    path,
    audience,
    expirationSeconds = TOKEN_SECONDS,
  }: NonNullable<ProjectedSource['serviceAccountToken']>): Render {
    let issued: IssuedToken | undefined;
    let renewAtMs = 0;
    return async () => {
      const now = Date.now();
      if (issued === undefined || now >= renewAtMs) {
        issued = await this.#sources.token(audience, expirationSeconds);
        renewAtMs = now + (issued.expiresAtMs - now) * RENEW_AT;
      }
      return { [path]: Buffer.from(issued.token) };
    };
  }
}

/** What a volume's files come from; undefined where it is a directory that others fill. */
function sourcesOf({
  secret,
  configMap,
  downwardAPI,
  projected,
  emptyDir,
  hostPath,
  name,
}: Volume): readonly ProjectedSource[] | undefined {
  if (projected !== undefined) return projected.sources ?? [];
  if (secret !== undefined) {
    const { secretName, ...rest } = secret;
    return [{ secret: { name: secretName, ...rest } }];
  }
  if (configMap !== undefined) return [{ configMap }];
  if (downwardAPI !== undefined) return [{ downwardAPI }];
  if (emptyDir !== undefined || hostPath !== undefined) return undefined;
  throw new Error(`volume "${name}": its kind is not supported here`);
}

function pick(data: Readonly<Record<string, Buffer>>, items: Items | undefined, of: string, optional: boolean): Files {
  if (items === undefined) return data;
  const files: Record<string, Buffer> = {};
  for (const { key, path } of items) {
    const content = data[key];
    if (content !== undefined) files[path] = content;
    else if (!optional) throw new Error(`${of} has no key "${key}"`);
  }
  return files;
}
