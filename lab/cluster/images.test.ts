import { expect, it } from 'vitest';
import { imageName, imageOf } from './images.ts';

it.each([
  ['nginx', 'nginx'],
  ['nginx:alpine', 'nginx'],
  ['docker.io/library/nginx:1', 'nginx'],
  ['registry:5000/a/b', 'registry:5000/a/b'],
  [`registry:5000/a/b:v1@sha256:${'0'.repeat(64)}`, 'registry:5000/a/b'],
])('%s is %s', (reference, expected) => {
  expect(imageName(reference)).toBe(expected);
});

it('has no image that is not in its table', () => {
  expect(imageOf('quay.io/metallb/speaker:v0.14.5', '/product')).toBeUndefined();
});

it('has the product in its own root file system, whatever its tag', () => {
  expect(imageOf('localhost/metallb-ts:0.1.0', '/product')).toMatchObject({
    root: '/product',
    mounts: [],
    entrypoint: ['/usr/bin/metallb'],
  });
});
