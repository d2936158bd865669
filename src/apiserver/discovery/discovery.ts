/**
 * What is there: the paths by which clients find out (kubernetes.io: "The Kubernetes API", discovery and OpenAPI). Documents are made when asked for
 * and kept until the resources change; each has an ETag, so that a client that knows it gets no second copy.
 *
 * `/openapi/v2` is answered in JSON alone, and without schemas: kubectl from 1.27 on reads version 3, an older one wants version 2 as protobuf and
 * must be told `--validate=false`.
 */
import { createHash } from 'node:crypto';
import { openApiDocument, openApiIndex } from '../openapi/document.ts';
import { ApiError, methodNotAllowed } from '../status.ts';
import type { ApiRequest, ApiResponse, Discovery, Json, ResourceSource } from '../types.ts';
import { aggregatedDiscovery } from './aggregated.ts';
import { type Group, groupsOf } from './groups.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './lists.ts';

interface Document {
  readonly type: string;
  readonly body: string;
  readonly hash: string;
}

const JSON_TYPE = 'application/json';
const DISCOVERY = /^\/(?:apis?|openapi)(?:\/|$)/;

export class ResourceDiscovery implements Discovery {
  readonly #resources: ResourceSource;
  #revision = -1;
  #groups: readonly Group[] = [];
  readonly #documents = new Map<string, Document>();

  constructor(resources: ResourceSource) {
    this.#resources = resources;
  }

  /** @throws ApiError 405 for another method than GET, 406 where the client accepts no form that there is */
  answer(request: ApiRequest): ApiResponse | null {
    if (!DISCOVERY.test(request.path)) return null;
    if (this.#revision !== this.#resources.revision) {
      this.#revision = this.#resources.revision;
      this.#groups = groupsOf(this.#resources.list());
      this.#documents.clear();
    }
    const found = this.#find(request);
    if (found === null) return null;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    const headers = { 'content-type': found.type, etag: `"${found.hash}"`, vary: 'Accept', 'cache-control': 'public' };
    const known = request.headers['if-none-match'] ?? '';
    return known.split(',').some((tag) => tag.trim() === headers.etag)
      ? { status: 304, headers, body: '' }
      : { status: 200, headers, body: found.body };
  }

  #find(request: ApiRequest): Document | null {
    const path = request.path.replace(/\/$/, '');
    const parts = path.split('/').slice(1);
    if (parts[0] === 'openapi') return this.#openApi(path, parts, request);
    if (path === '/api' || path === '/apis') {
      const version = aggregatedVersion(request.headers.accept ?? '');
      if (version !== undefined)
        return this.#document(
          `${path} ${version}`,
          () =>
            aggregatedDiscovery(
              this.#groups.filter(({ name }) => (name === '') === (path === '/api')),
              version,
            ),
          `${JSON_TYPE};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        );
    }
    if (path === '/api') {
      const host = request.headers.host ?? '';
      return this.#document(`${path} ${host}`, () => apiVersions(this.#group(''), host));
    }
    if (path === '/apis') return this.#document(path, () => apiGroupList(this.#groups));
    const name = parts[0] === 'api' ? '' : (parts[1] ?? '');
    const group = this.#group(name);
    if (group === undefined || (parts[0] === 'apis' && name === '')) return null;
    const version = parts[0] === 'api' ? parts[1] : parts[2];
    if (parts.length > (parts[0] === 'api' ? 2 : 3)) return null;
    if (version === undefined) return this.#document(path, () => apiGroup(group));
    const served = group.versions.find((candidate) => candidate.name === version);
    return served === undefined ? null : this.#document(path, () => apiResourceList(group, served));
  }

  #group(name: string): Group | undefined {
    return this.#groups.find((group) => group.name === name);
  }

  #openApi(path: string, parts: readonly string[], request: ApiRequest): Document | null {
    if (!acceptsJson(request.headers.accept ?? ''))
      throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
    if (path === '/openapi/v2')
      return this.#document(path, () => ({
        swagger: '2.0',
        info: { title: 'metallb-ts', version: 'embedded' },
        paths: {},
        definitions: {},
      }));
    if (path === '/openapi/v3')
      return this.#document(path, () =>
        openApiIndex(
          this.#groups.flatMap((group) =>
            group.versions.map(({ name }) => {
              const place = group.name === '' ? `api/${name}` : `apis/${group.name}/${name}`;
              return { place, hash: this.#openApiOf(group, name, place)?.hash ?? '' };
            }),
          ),
        ),
      );
    const [, , kind, first = '', second = ''] = parts;
    if (parts[1] !== 'v3' || (kind !== 'api' && kind !== 'apis')) return null;
    const [name, version] = kind === 'api' ? ['', first] : [first, second];
    const group = this.#group(name);
    return group === undefined ? null : this.#openApiOf(group, version, parts.slice(2).join('/'));
  }

  #openApiOf(group: Group, version: string, place: string): Document | null {
    const served = group.versions.find((candidate) => candidate.name === version);
    return served === undefined
      ? null
      : this.#document(`/openapi/v3/${place}`, () => openApiDocument(group.name, served));
  }

  #document(key: string, make: () => Json, type = JSON_TYPE): Document {
    let found = this.#documents.get(key);
    if (found === undefined) {
      const body = JSON.stringify(make());
      found = { type, body, hash: createHash('sha256').update(body).digest('hex').toUpperCase() };
      // A client may ask under any name of the host; what it makes us keep stays bounded.
      if (this.#documents.size < 200) this.#documents.set(key, found);
    }
    return found;
  }
}

/** The version of aggregated discovery that a client likes best; undefined where it wants the lists. */
function aggregatedVersion(accept: string): string | undefined {
  for (const part of accept.split(',')) {
    const [media, ...parameters] = part.split(';').map((text) => text.trim());
    if (media !== JSON_TYPE && media !== '*/*') continue;
    const wanted = new Map(parameters.map((text) => text.split('=', 2) as [string, string]));
    if (wanted.get('as') !== 'APIGroupDiscoveryList') return undefined;
    const version = wanted.get('v');
    if (wanted.get('g') === 'apidiscovery.k8s.io' && (version === 'v2' || version === 'v2beta1')) return version;
  }
  return undefined;
}

const acceptsJson = (accept: string): boolean =>
  accept.trim() === '' ||
  accept.split(',').some((part) => [JSON_TYPE, '*/*', 'application/*'].includes((part.split(';')[0] ?? '').trim()));
