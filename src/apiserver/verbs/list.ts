/** The verb list: which moment it is of, and which page of it. */
import type { Core } from '../core.ts';
import { numberOption } from '../request/options.ts';
import type { Selection } from '../request/selection.ts';
import { badRequest, forbiddenField, invalid, notSupported } from '../status.ts';
import { readPage, tooLarge } from '../store/list.ts';
import type { Json } from '../types.ts';
import { representList, type View } from './represent.ts';
import { resourceVersionOption } from './watch.ts';

/** @throws ApiError for options that cannot be meant, 410 and 504 for resource versions that are gone or to come */
export function list(core: Core, query: URLSearchParams, view: View, selection: Selection): Json {
  const { store } = core;
  const wanted = resourceVersionOption(query);
  const continueToken = query.get('continue') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  if (continueToken !== '' && wanted !== undefined)
    throw badRequest('specifying resource version is not allowed when using continue');
  checkMatch(match, query.get('resourceVersion') ?? '', continueToken);
  if (wanted !== undefined && wanted > store.resourceVersion) throw tooLarge(wanted, store.resourceVersion);
  const limit = numberOption(query, 'limit') ?? 0;
  // A page at a resourceVersion without a match is of exactly that moment (the semantics of limit in Kubernetes' documentation).
  const exactly = match === 'Exact' || (match === '' && limit > 0) ? wanted : undefined;
  const page = readPage(store.collection(view.definition), store.resourceVersion, {
    prefix: selection.prefix,
    limit,
    continueToken,
    exactly,
    matches: (object) => selection.matches(object),
  });
  const more = page.continueToken !== '';
  const listMeta = {
    resourceVersion: String(page.resourceVersion),
    ...(more ? { continue: page.continueToken } : {}),
    ...(more && selection.all ? { remainingItemCount: page.remaining } : {}),
  };
  return representList(core, view, page.items, listMeta);
}

/** What a list may not ask for of resource versions (apimachinery: meta/internalversion/validation). */
function checkMatch(match: string, resourceVersion: string, continueToken: string): void {
  if (match === '') return;
  const field = 'resourceVersionMatch';
  const wrong =
    continueToken !== ''
      ? forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided')
      : resourceVersion === ''
        ? forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
        : !['Exact', 'NotOlderThan'].includes(match)
          ? notSupported(field, match, ['Exact', 'NotOlderThan'])
          : match === 'Exact' && resourceVersion === '0'
            ? forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
            : undefined;
  if (wrong !== undefined) throw invalid('meta.k8s.io', 'ListOptions', '', [wrong]);
}
