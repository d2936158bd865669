/** What a request is about, by its method and path alone: for counting, for faults, and for choosing the verb. */
import type { ApiRequest } from '../types.ts';
import { mediaTypeOf } from './body.ts';
import { flagOption } from './options.ts';
import { parseResourcePath, type ResourcePath } from './path.ts';

/** What a request was about, for counting. */
export interface RequestInfo {
  /** get, list, watch, create, update, patch, apply, delete, deletecollection; empty for what is no resource. */
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldManager: string;
  /** Of a write: whether it changed anything. */
  changed: boolean;
}

export function infoOf(request: ApiRequest): RequestInfo {
  const path = parseResourcePath(request.path);
  const manager = request.query.get('fieldManager') ?? '';
  return {
    verb: path === undefined ? '' : verbOf(request, path),
    group: path?.group ?? '',
    resource: path?.plural ?? '',
    subresource: path?.subresource ?? '',
    namespace: path?.namespace ?? '',
    name: path?.name ?? '',
    fieldManager: manager,
    changed: false,
  };
}

function verbOf(request: ApiRequest, path: ResourcePath): string {
  const one = path.name !== '';
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return one ? 'get' : flagOption(request.query, 'watch') ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return one ? 'update' : '';
    case 'PATCH':
      return !one ? '' : mediaTypeOf(request) === 'application/apply-patch+yaml' ? 'apply' : 'patch';
    case 'DELETE':
      return one ? 'delete' : 'deletecollection';
    default:
      return '';
  }
}
