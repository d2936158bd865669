/**
 * Reviews: created, answered and not stored. Whoever has the token may do everything; without it nobody gets as far as here. So SelfSubject* always
 * say yes, a TokenReview knows that one token, and a SubjectAccessReview allows what the one user asks.
 */
import { objectAt, textAt } from '../json.ts';
import type { ApiObject } from '../types.ts';

/** Who holds the token. */
export const USER = {
  username: 'kubernetes-admin',
  uid: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
} as const;

/** The review with its answer as status; undefined for a kind that is no review. */
export function answerReview(review: ApiObject, isToken: (text: string) => boolean): ApiObject | undefined {
  switch (review.kind) {
    case 'SelfSubjectReview':
      return { ...review, status: { userInfo: USER } };
    case 'SelfSubjectAccessReview':
      return { ...review, status: { allowed: true, reason: 'the holder of the token may do everything' } };
    case 'SubjectAccessReview': {
      const groups = objectAt(review, 'spec').groups;
      const allowed =
        textAt(review, 'spec', 'user') === USER.username ||
        (Array.isArray(groups) && groups.includes('system:masters'));
      return {
        ...review,
        status: { allowed, ...(allowed ? {} : { reason: 'only the holder of the token may do anything' }) },
      };
    }
    case 'SelfSubjectRulesReview':
      return {
        ...review,
        status: {
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          incomplete: false,
        },
      };
    case 'TokenReview':
      return isToken(textAt(review, 'spec', 'token'))
        ? { ...review, status: { authenticated: true, user: USER, audiences: ['https://kubernetes.default.svc'] } }
        : { ...review, status: { authenticated: false, user: {}, error: 'the token is unknown' } };
    default:
      return undefined;
  }
}
