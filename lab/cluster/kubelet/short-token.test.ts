import { generateKeyPairSync, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { shorten } from './short-token.ts';

const decode = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));

it('changes the times of a token, and signs it so that its key verifies it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = Buffer.from('{"alg":"ES256","kid":"k"}').toString('base64url');
  const claims = { sub: 'system:serviceaccount:a:b', iat: 1, nbf: 1, exp: 3_601 };
  const token = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.xxxx`;
  const key = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const short = shorten(token, key, 20, 1_000_500);
  const [head, body, signature = ''] = short.token.split('.');
  expect(head).toBe(header);
  expect(decode(body)).toEqual({ sub: 'system:serviceaccount:a:b', iat: 1_000, nbf: 1_000, exp: 1_020 });
  expect(short.expiresAtMs).toBe(1_020_000);
  const bytes = Buffer.from(signature, 'base64url');
  expect(verify('sha256', Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(
    true,
  );
});
