/**
 * The image's root file system: the bundle, Node.js without its symbols, the libraries that it needs, and the tools of the guide's troubleshooting
 * (`ping`, `nc`) with a shell to call them from. Made of Debian's packages; the Dockerfile and the lab's cluster have the same one.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { buildBundle } from './bundle.ts';
import { command, type DebianPackage, extract, fetchPackages, RootfsError } from './debian.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Of the stable release that the Dockerfile is built on, which names libraries by their ABI. */
const PACKAGES: readonly string[] = [
  'base-files',
  // /etc/services: `nc -v` names ports by it.
  'netbase',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'libatomic1',
  'busybox',
  'iputils-ping',
  'libcap2',
  'libidn2-0',
  'libunistring2',
  'netcat-openbsd',
  'libbsd0',
  'libmd0',
];

/** What nobody needs in a container. Licences stay. */
const WITHOUT: readonly string[] = [
  './usr/share/man',
  './usr/share/locale',
  './usr/share/lintian',
  './usr/share/bug',
  './usr/share/base-files',
  './usr/share/common-licenses/*.gz',
  './usr/share/doc/*/[!c]*',
  './usr/share/doc/*/changelog*',
  './usr/share/gcc*',
  './usr/share/gdb',
  './usr/share/initramfs-tools',
  './usr/lib/*/gconv',
  './usr/lib/*/audit',
  './lib/*/audit',
  // A link, as everywhere by now.
  './var/run',
];

/** Applets of busybox under their own names: what one looks around with. */
const APPLETS =
  'cat date df env grep head hostname id ip less ls mount netstat nslookup ps sh sleep tail top uname vi wget'.split(
    ' ',
  );

/** /bin and so on, which packages still name. */
const MERGED = { bin: 'usr/bin', sbin: 'usr/sbin', lib: 'usr/lib', lib64: 'usr/lib64' };

export interface Rootfs {
  readonly directory: string;
  /** Octets of all files, by what they belong to, the largest first. */
  readonly contents: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
}

/**
 * Assembles it in a folder, which is emptied first.
 *
 * @throws {RootfsError} where a tool, a package or a library is missing, and says which.
 */
export async function assembleRootfs(directory: string, env: NodeJS.ProcessEnv): Promise<Rootfs> {
  if (existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(join(directory, 'usr/lib/metallb')))
    throw new RootfsError(`${directory} is no root file system of ours: it is left alone`);
  rmSync(directory, { recursive: true, force: true });
  for (const [link, target] of Object.entries(MERGED)) {
    mkdirSync(join(directory, target), { recursive: true });
    symlinkSync(target, join(directory, link));
  }
  const contents: { name: string; bytes: number }[] = [];
  let total = sizeOf(directory);
  const measured = (name: string): void => {
    const now = sizeOf(directory);
    contents.push({ name, bytes: now - total });
    total = now;
  };
  for (const one of fetchPackages(PACKAGES, env)) {
    extract(one, directory, WITHOUT);
    measured(nameOf(one));
  }
  addNode(directory);
  measured(`Node.js ${process.version}`);
  await buildBundle(join(directory, 'usr/lib/metallb'));
  measured('metallb');
  addFiles(directory);
  measured('links and settings');
  requireLibraries(directory);
  contents.sort((a, b) => b.bytes - a.bytes);
  return { directory, contents, bytes: total };
}

const nameOf = ({ name, version }: DebianPackage): string => `${name} ${version}`;

/** The Node of package-lock.json, as it lies in node_modules. */
function addNode(directory: string): void {
  const source = join(ROOT, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (!existsSync(source)) throw new RootfsError(`${source} is not there: run npm ci without --omit=optional`);
  const target = join(directory, 'usr/bin/node');
  copyFileSync(source, target);
  // Names for debuggers, of 20 % of its size. What addons call lies in the table of dynamic symbols, which stays.
  command(['strip', '--strip-all', target]);
  chmodSync(target, 0o755);
}

function addFiles(directory: string): void {
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text, { mode });
    chmodSync(join(directory, path), mode);
  };
  // Process 1 is Node itself: signals reach it. SIGUSR1 is ours (docs/speaker.md), also before the program has asked for it.
  write('usr/bin/metallb', '#!/bin/sh\nexec /usr/bin/node --disable-sigusr1 /usr/lib/metallb/metallb.js "$@"\n', 0o755);
  write('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n');
  write('etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  write('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n');
  for (const applet of APPLETS) {
    const link = join(directory, 'usr/bin', applet);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync('busybox', link);
  }
  // Debian chooses among several nc by links of its own, which the package's script would have made.
  symlinkSync('nc.openbsd', join(directory, 'usr/bin/nc'));
  // Where the token of the service account is mounted.
  symlinkSync('../run', join(directory, 'var/run'));
  for (const folder of ['proc', 'sys', 'dev', 'run', 'root', 'tmp'])
    mkdirSync(join(directory, folder), { recursive: true });
  chmodSync(join(directory, 'tmp'), 0o1777);
}

/** Where Debian has the dynamic linker and the libraries, by Node's name of the architecture. */
const LIBRARIES: Readonly<Record<string, { readonly linker: string; readonly folder: string }>> = {
  x64: { linker: 'usr/lib64/ld-linux-x86-64.so.2', folder: 'usr/lib/x86_64-linux-gnu' },
  arm64: { linker: 'usr/lib/ld-linux-aarch64.so.1', folder: 'usr/lib/aarch64-linux-gnu' },
};

/** @throws {RootfsError} where a program asks for a library that is not there, by the words of its own dynamic linker. */
function requireLibraries(directory: string): void {
  const places = LIBRARIES[process.arch];
  if (places === undefined) throw new RootfsError(`no image is made for ${process.arch}`);
  const linker = join(directory, places.linker);
  const folder = join(directory, places.folder);
  for (const program of ['node', 'busybox', 'ping', 'nc.openbsd']) {
    const file = join(directory, 'usr/bin', program);
    const listed = command([linker, '--library-path', folder, '--list', file]);
    // What this machine has in their place does not count.
    const lacking = [...listed.matchAll(/^\s*([^\s/]+) => (not found|\/\S+)/gm)]
      .filter(([, , path = '']) => !path.startsWith(directory))
      .map(([, library]) => library);
    if (lacking.length > 0)
      throw new RootfsError(`${program} needs ${lacking.join(', ')}, which no package of the list has`);
  }
}

/** Octets of the files below, links not followed. */
function sizeOf(directory: string): number {
  let sum = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += sizeOf(path);
    else if (entry.isFile()) sum += lstatSync(path).size;
  }
  return sum;
}

/** Which release's packages it is made of, for who reads the contents. */
export const releaseOf = (directory: string): string =>
  /^PRETTY_NAME="(.*)"$/m.exec(readFileSync(join(directory, 'etc/os-release'), 'utf8'))?.[1] ?? 'unknown';
