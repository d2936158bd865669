/**
 * Asks the API server who a bearer token is, and whether that user may read a path of ours (TokenReview, SubjectAccessReview): so whoever may read it is
 * ruled by RBAC, as for the API server's own paths.
 */
import { isJsonObject } from '../is-json-object.ts';
import type { Secret } from '../secret.ts';
import { apiVersionOf } from './resource-types.ts';
import { listPath } from './rest-paths.ts';
import { KubeError, type ResourceType } from './types.ts';

const TOKEN_REVIEW: ResourceType = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
};
const SUBJECT_ACCESS_REVIEW: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
};

/** Reviews are asked for as objects are made, but are none: they have no name. So this is not `KubeApi`, though the REST client is both. */
export interface ReviewApi {
  raw(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
}

export type AccessReview =
  | { readonly state: 'allowed'; readonly user: string }
  /** The API server does not know the token. */
  | { readonly state: 'unauthenticated' }
  /** It knows the user, who may not. */
  | { readonly state: 'forbidden'; readonly user: string };

/**
 * Two requests, the second only where the first has found a user.
 *
 * @throws {KubeError} where the API server cannot be asked, or does not answer as it should: nothing is known then.
 */
export async function reviewAccess(
  api: ReviewApi,
  token: Secret,
  path: string,
  signal: AbortSignal,
): Promise<AccessReview> {
  const authentication = await ask(api, TOKEN_REVIEW, { token: token.reveal() }, signal);
  const { user } = authentication;
  if (authentication.authenticated !== true) return { state: 'unauthenticated' };
  if (!isJsonObject(user) || typeof user.username !== 'string')
    throw new KubeError('TokenReview: a token that is authenticated has no user', 0, 'BadAnswer');
  const subject = { user: user.username, uid: user.uid, groups: user.groups, extra: user.extra };
  const access = { ...subject, nonResourceAttributes: { path, verb: 'get' } };
  const authorization = await ask(api, SUBJECT_ACCESS_REVIEW, access, signal);
  // `denied` is a veto, whatever `allowed` says.
  const allowed = authorization.allowed === true && authorization.denied !== true;
  return { state: allowed ? 'allowed' : 'forbidden', user: user.username };
}

async function ask(
  api: ReviewApi,
  type: ResourceType,
  spec: unknown,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const review = { apiVersion: apiVersionOf(type), kind: type.kind, spec };
  const answer = await api.raw('POST', listPath(type, ''), review, signal);
  const status = isJsonObject(answer) ? answer.status : undefined;
  if (!isJsonObject(status)) throw new KubeError(`${type.kind}: an answer without a status`, 0, 'BadAnswer');
  return status;
}
