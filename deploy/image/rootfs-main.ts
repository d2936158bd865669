/** `npm run rootfs -- FOLDER`: the image's root file system, and what is in it. Exit status 2: it cannot be made here. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RootfsError } from './debian.ts';
import { assembleRootfs, releaseOf } from './rootfs.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(2).padStart(8)} MB`;

try {
  const { directory, contents, bytes } = await assembleRootfs(resolve(positionals[0] ?? 'dist/rootfs'), process.env);
  for (const { name, bytes: own } of contents) process.stdout.write(`${mb(own)}  ${name}\n`);
  process.stdout.write(`${mb(bytes)}  ${directory} (${releaseOf(directory)})\n`);
} catch (error) {
  if (!(error instanceof RootfsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
