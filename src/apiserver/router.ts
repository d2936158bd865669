/**
 * From a request to the verb that it asks for (apiserver: pkg/endpoints). No socket and no authentication: a request in, an answer out, at once.
 */

import { failure, json, warned } from './answer.ts';
import { type Core, DEFINITIONS, existing, PODS, timeText } from './core.ts';
import { answerReview } from './kinds/review.ts';
import type { Lifecycle } from './lifecycle.ts';
import { servedVersion } from './registry.ts';
import { mediaTypeOf, parseBody, parseJson } from './request/body.ts';
import { duplicateFields } from './request/duplicate-fields.ts';
import { infoOf, type RequestInfo } from './request/info.ts';
import {
  dryRunOption,
  fieldManagerOption,
  fieldValidationOption,
  flagOption,
  representationOf,
} from './request/options.ts';
import { parseResourcePath, type ResourcePath } from './request/path.ts';
import { type Selection, selectionOf } from './request/selection.ts';
import { ApiError, invalid, methodNotAllowed, noSuchPath, qualified, required } from './status.ts';
import type { ApiRequest, ApiResponse, RequestContext, TableOptions } from './types.ts';
import { decodeObject } from './verbs/decode.ts';
import { deleteObject, deleteOptionsOf, IMMEDIATELY } from './verbs/delete.ts';
import { list } from './verbs/list.ts';
import { type LogProvider, readLogs } from './verbs/logs.ts';
import { represent, representList, type View } from './verbs/represent.ts';
import { duplicateField } from './verbs/save.ts';
import { scaled, scaleOf } from './verbs/scale.ts';
import type { StreamResponse, Watches } from './verbs/watch.ts';
import { create, patch, patched, update, type Written } from './verbs/write.ts';

export interface Answer {
  readonly response: ApiResponse | StreamResponse;
  readonly info: RequestInfo;
}

/** Which of them an answer is. */
export const isStream = (response: ApiResponse | StreamResponse): response is StreamResponse => 'start' in response;

const HEALTH = ['/healthz', '/livez', '/readyz'];
/** Subresources of Pods that need a kubelet. */
const KUBELET = ['exec', 'attach', 'portforward', 'proxy'];
const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0-metallb-ts',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'embedded',
};

export class Router {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  readonly #watches: Watches;
  readonly #isToken: (text: string) => boolean;
  logs: LogProvider | null = null;

  constructor(core: Core, lifecycle: Lifecycle, watches: Watches, isToken: (text: string) => boolean) {
    this.#core = core;
    this.#lifecycle = lifecycle;
    this.#watches = watches;
    this.#isToken = isToken;
  }

  handle(request: ApiRequest): Answer {
    const info = infoOf(request);
    try {
      return { response: this.#route(request, info), info };
    } catch (error) {
      return { response: failure(error), info };
    }
  }

  #route(request: ApiRequest, info: RequestInfo): ApiResponse | StreamResponse {
    if (HEALTH.some((path) => request.path === path || request.path.startsWith(`${path}/`)))
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' };
    if (request.path === '/version') return json(200, VERSION);
    const discovered = this.#core.discovery.answer(request);
    if (discovered !== null) return discovered;
    const path = parseResourcePath(request.path);
    if (path === undefined) throw noSuchPath();
    const definition = this.#core.registry.find(path.group, path.version, path.plural);
    const version = definition === undefined ? undefined : servedVersion(definition, path.version);
    if (definition === undefined || version === undefined) throw noSuchPath();
    if (!definition.namespaced && path.namespace !== '') throw noSuchPath();
    const as = representationOf(request.headers.accept ?? '');
    const log = definition.plural === PODS.plural && path.subresource === 'log';
    if (as === undefined && !log)
      throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
    const include = request.query.get('includeObject') ?? 'Metadata';
    const view: View = {
      definition,
      version,
      as: as ?? { type: 'object' },
      includeObject: (['None', 'Object'].includes(include) ? include : 'Metadata') as TableOptions['includeObject'],
    };
    if (path.name !== '' && definition.namespaced && path.namespace === '') throw noSuchPath();
    const response =
      path.name === '' || definition.virtual
        ? this.#collection(request, path, view, info)
        : this.#object(request, path, view, info);
    return version.deprecationWarning === null ? response : warned(response, [version.deprecationWarning]);
  }

  #collection(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse | StreamResponse {
    const { definition, version } = view;
    const selection = (): Selection => selectionOf(request.query, definition, version, path.namespace);
    switch (info.verb) {
      case 'watch':
        return this.#watches.watch(view, selection(), request.query);
      case 'list':
        if (definition.virtual) throw methodNotAllowed();
        return json(200, list(this.#core, request.query, view, selection()));
      case 'create':
        if (definition.namespaced && path.namespace === '') throw methodNotAllowed();
        if (path.name !== '') throw methodNotAllowed();
        return definition.virtual ? this.#review(request, view) : this.#create(request, path, view, info);
      case 'deletecollection':
        if (!definition.verbs.includes('deletecollection') || (definition.namespaced && path.namespace === ''))
          throw methodNotAllowed();
        return this.#deleteCollection(request, view, selection(), info);
      default:
        throw methodNotAllowed();
    }
  }

  #review(request: ApiRequest, view: View): ApiResponse {
    const { object } = decodeObject(this.#context(request, view), parseBody(request), '', '');
    const answer = answerReview(object, this.#isToken);
    if (answer === undefined) throw methodNotAllowed();
    return json(201, answer);
  }

  #create(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse {
    const context = this.#context(request, view);
    return this.#written(
      create(this.#core, context, path.namespace, parseBody(request), duplicatesIn(request, context)),
      context,
      view,
      info,
    );
  }

  #deleteCollection(request: ApiRequest, view: View, selection: Selection, info: RequestInfo): ApiResponse {
    const before = this.#core.store.resourceVersion;
    const options = deleteOptionsOf(request.query, request.body === '' ? undefined : parseBody(request));
    const objects = [...this.#core.store.collection(view.definition).objects()].filter(
      (object) => `${object.metadata.namespace ?? ''}/`.startsWith(selection.prefix) && selection.matches(object),
    );
    for (const { metadata } of objects) {
      // One that went with another meanwhile is no failure.
      if (options.propagation === 'Orphan' && metadata.uid !== undefined) this.#lifecycle.orphan(metadata.uid);
      deleteObject(this.#core, view.definition, metadata.namespace ?? '', metadata.name, options);
    }
    info.changed = this.#core.store.resourceVersion !== before;
    this.#lifecycle.settle();
    return json(
      200,
      representList(this.#core, view, objects, { resourceVersion: String(this.#core.store.resourceVersion) }),
    );
  }

  #object(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse | StreamResponse {
    const { definition, version } = view;
    const { subresource } = path;
    if (subresource !== '' && subresource !== 'status') return this.#other(request, path, view, info);
    if (subresource === 'status' && !version.subresources.status) throw noSuchPath();
    if (info.verb === 'get')
      return json(200, represent(this.#core, view, existing(this.#core, definition, path.namespace, path.name)));
    if (info.verb === 'delete' && subresource === '') return this.#delete(request, path, view, info);
    return this.#write(request, path, view, info, subresource);
  }

  #write(
    request: ApiRequest,
    path: ResourcePath,
    view: View,
    info: RequestInfo,
    subresource: '' | 'status',
  ): ApiResponse {
    const context = this.#context(request, view, subresource);
    if (info.verb === 'update')
      return this.#written(
        update(this.#core, context, path, parseBody(request), duplicatesIn(request, context)),
        context,
        view,
        info,
      );
    if (info.verb !== 'patch' && info.verb !== 'apply') throw methodNotAllowed();
    if (info.verb === 'apply' && (request.query.get('fieldManager') ?? '') === '')
      throw invalid('meta.k8s.io', 'PatchOptions', '', [required('fieldManager', 'is required for apply patch')]);
    const force = flagOption(request.query, 'force');
    return this.#written(
      patch(this.#core, context, path, mediaTypeOf(request), request.body, force),
      context,
      view,
      info,
    );
  }

  #delete(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse {
    const options = deleteOptionsOf(request.query, request.body === '' ? undefined : parseBody(request));
    const { definition } = view;
    const object = existing(this.#core, definition, path.namespace, path.name);
    if (options.propagation === 'Orphan' && !options.dryRun) this.#lifecycle.orphan(object.metadata.uid ?? '');
    const before = this.#core.store.resourceVersion;
    const deleted = deleteObject(this.#core, definition, path.namespace, path.name, options);
    info.changed = this.#core.store.resourceVersion !== before;
    this.#lifecycle.settle();
    if (!deleted.gone || definition.plural === PODS.plural)
      return json(200, represent(this.#core, view, deleted.object));
    const { group, plural } = definition;
    return json(200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: path.name, ...(group === '' ? {} : { group }), kind: plural, uid: object.metadata.uid },
    });
  }

  #other(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse | StreamResponse {
    const { definition, version } = view;
    const object = existing(this.#core, definition, path.namespace, path.name);
    if (path.subresource === 'scale' && version.subresources.scale !== null)
      return this.#scale(request, path, view, info);
    if (definition.group === PODS.group && definition.plural === PODS.plural) {
      if (path.subresource === 'log' && info.verb === 'get')
        return readLogs(this.logs, object, request.query, this.#core.wallClock());
      if (path.subresource === 'eviction' && info.verb === 'create') {
        deleteObject(this.#core, definition, path.namespace, path.name, IMMEDIATELY);
        this.#lifecycle.settle();
        return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
      }
      if (KUBELET.includes(path.subresource))
        throw new ApiError(
          501,
          'NotImplemented',
          `${path.subresource} is not available: the embedded API server of metallb-ts runs no containers`,
        );
    }
    throw noSuchPath();
  }

  #scale(request: ApiRequest, path: ResourcePath, view: View, info: RequestInfo): ApiResponse {
    const { definition, version } = view;
    const object = this.#core.versions.read(
      definition,
      version,
      existing(this.#core, definition, path.namespace, path.name),
    );
    const paths = version.subresources.scale;
    if (paths === null) throw noSuchPath();
    const scale = scaleOf(object, paths);
    if (info.verb === 'get') return json(200, scale);
    if (info.verb !== 'update' && info.verb !== 'patch') throw methodNotAllowed();
    const media = mediaTypeOf(request);
    const wanted = info.verb === 'update' ? parseBody(request) : patched(scale, media, parseJson(request.body));
    const context = this.#context(request, view, 'scale');
    const written = update(this.#core, context, path, scaled(object, wanted, paths));
    this.#settle(written, info);
    return json(200, scaleOf(written.object, paths));
  }

  #context(request: ApiRequest, view: View, subresource: RequestContext['subresource'] = ''): RequestContext {
    return {
      definition: view.definition,
      version: view.version,
      subresource,
      fieldManager: fieldManagerOption(request.query, request.headers['user-agent'] ?? ''),
      fieldValidation: fieldValidationOption(request.query),
      dryRun: dryRunOption(request.query),
      time: timeText(this.#core.wallClock()),
    };
  }

  #settle(written: Written, info: RequestInfo): void {
    info.changed = written.changed;
    this.#lifecycle.settle();
  }

  #written(written: Written, context: RequestContext, view: View, info: RequestInfo): ApiResponse {
    if (!context.dryRun) this.#settle(written, info);
    const { definition } = context;
    // What follows at once from a definition, its being served, is in the answer already.
    const object =
      qualified(definition) === qualified(DEFINITIONS) && !context.dryRun
        ? (this.#core.store.collection(definition).get(written.object.metadata.name) ?? written.object)
        : written.object;
    const response = json(written.created ? 201 : 200, represent(this.#core, view, object));
    return warned(response, written.warnings);
  }
}

/** What strict decoding finds in the text of a body. */
function duplicatesIn(request: ApiRequest, context: RequestContext): readonly string[] {
  if (context.fieldValidation === 'Ignore' || mediaTypeOf(request) === 'application/yaml') return [];
  return duplicateFields(request.body).map(duplicateField);
}
