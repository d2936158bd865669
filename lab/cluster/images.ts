/**
 * What an image is in this cluster, which has no registry: a root file system on this machine, and what is run in it.
 *
 * An image that is not in the table cannot be pulled, as kubectl then shows.
 */
import { join } from 'node:path';
import { ROOT } from '../speaker.ts';
import type { Mount } from './kubelet/container-start.ts';

export interface Image {
  /** A directory of the machine; containers see it under what they write themselves. */
  readonly root: string;
  /** Beside the root file system. */
  readonly mounts: readonly Mount[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The checkout, where it is on the machine too: the programs that an image of the machine's own root file system runs. */
const CHECKOUT: Mount = { source: ROOT, target: ROOT, readOnly: true, isFile: false };

const onThisMachine = (entrypoint: readonly string[], command: readonly string[] = []): Image => ({
  root: '/',
  mounts: [CHECKOUT],
  entrypoint,
  command,
  environment: { PATH },
});

const node = (script: string): readonly string[] => [process.execPath, join(ROOT, script)];

/** The product's name in its manifest. */
const PRODUCT = 'localhost/metallb-ts';

const productImage = (root: string): Image => ({
  root,
  mounts: [],
  entrypoint: ['/usr/bin/metallb'],
  command: [],
  environment: { PATH },
});

/** By the image's name without its tag. */
const IMAGES: Readonly<Record<string, Image>> = {
  // Stands in for the guide's web server.
  nginx: onThisMachine([], node('lab/cluster/web-server.ts')),
  // Shell and tools, for tests.
  busybox: onThisMachine([], ['sh']),
};

/** Without registry path of Docker Hub, tag and digest. */
export const imageName = (reference: string): string =>
  reference
    .replace(/@sha256:[0-9a-f]+$/, '')
    .replace(/:[^:/]+$/, '')
    .replace(/^(docker\.io\/)?(library\/)?/, '');

/** @param productRoot - the root file system of the product's image (deploy/image/rootfs.ts). */
export function imageOf(reference: string, productRoot: string): Image | undefined {
  const name = imageName(reference);
  return name === PRODUCT ? productImage(productRoot) : IMAGES[name];
}
