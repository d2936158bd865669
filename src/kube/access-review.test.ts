import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import { reviewAccess } from './access-review.ts';

/** An API that answers reviews by their kind, and keeps what it was asked. */
function apiOf(statuses: Readonly<Record<string, unknown>>) {
  const asked: unknown[] = [];
  return {
    asked,
    raw: async (method: string, path: string, body: unknown): Promise<unknown> => {
      const { kind } = body as { readonly kind: string };
      asked.push(`${method} ${path}`, body);
      return { kind, status: statuses[kind] };
    },
  };
}

const USER = { username: 'system:serviceaccount:monitoring:prometheus', uid: 'u', groups: ['g'], extra: { e: ['1'] } };
const review = (api: ReturnType<typeof apiOf>) =>
  reviewAccess(api, new Secret('a-token'), '/metrics', new AbortController().signal);

describe('reviewAccess', () => {
  it('asks whose token it is, and whether that user may get the path', async () => {
    const api = apiOf({ TokenReview: { authenticated: true, user: USER }, SubjectAccessReview: { allowed: true } });
    expect(await review(api)).toEqual({ state: 'allowed', user: USER.username });
    expect(api.asked).toEqual([
      'POST /apis/authentication.k8s.io/v1/tokenreviews',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token: 'a-token' },
      },
      'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: USER.username,
          uid: 'u',
          groups: ['g'],
          extra: { e: ['1'] },
          nonResourceAttributes: { path: '/metrics', verb: 'get' },
        },
      },
    ]);
  });

  it('does not ask on for a token that nobody has', async () => {
    const api = apiOf({ TokenReview: { error: 'expired' }, SubjectAccessReview: { allowed: true } });
    expect(await review(api)).toEqual({ state: 'unauthenticated' });
    expect(api.asked).toHaveLength(2);
  });

  it.each([[{ allowed: false }], [{ allowed: true, denied: true }], [{ allowed: 'true' }], [{}]])(
    'takes %j for no',
    async (answer) => {
      const api = apiOf({ TokenReview: { authenticated: true, user: USER }, SubjectAccessReview: answer });
      expect(await review(api)).toEqual({ state: 'forbidden', user: USER.username });
    },
  );

  it.each([
    [{ TokenReview: undefined }],
    [{ TokenReview: { authenticated: true } }],
    [{ TokenReview: { authenticated: true, user: { username: 1 } } }],
    [{ TokenReview: { authenticated: true, user: USER }, SubjectAccessReview: null }],
  ])('knows nothing by %j', async (statuses) => {
    await expect(review(apiOf(statuses))).rejects.toMatchObject({ reason: 'BadAnswer' });
  });
});
