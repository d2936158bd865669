/**
 * What of the image does not change with the program: Node.js without its symbols, the libraries that it needs, and the tools of the guide's
 * troubleshooting (`ping`, `nc`) with a shell to call them from, all of Debian's packages.
 *
 * It is made once and kept, by all that it is made of: the names of the packages' files, which have their versions, the Node.js, and these sources.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
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

/** How Node.js is started in the image. Not with `--disable-sigusr1`, which blocks the signal for whoever asks for it as well (docs/speaker.md). */
export const NODE_FLAGS: readonly string[] = [
  // What is new in a daemon is soon old: a small nursery is 10 MB less, idle and under load, and costs no more time.
  '--max-semi-space-size=1',
  // What was collected is the node's again at once, and a daemon that has come to rest collects what its last burst left: 5 to 8 MB after a start
  // with 10,000 Services.
  '--no-memory-pool',
  '--memory-reducer-delay-ms=2000',
  // For the collection of a daemon that has come to rest (src/daemon/rest.ts).
  '--expose-gc',
];

/** One arena of malloc for all threads: those of a daemon ask for little and seldom, and an arena for each costs 2 MB. */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };

/** /bin and so on, which packages still name. */
const MERGED = { bin: 'usr/bin', sbin: 'usr/sbin', lib: 'usr/lib', lib64: 'usr/lib64' };

/** Octets of all files, by what they belong to. */
export interface Content {
  readonly name: string;
  readonly bytes: number;
}

export interface BaseImage {
  readonly directory: string;
  readonly contents: readonly Content[];
}

/** @throws {RootfsError} where a tool, a package or a library is missing, and says which. */
export function baseImage(env: NodeJS.ProcessEnv): BaseImage {
  const packages = fetchPackages(PACKAGES, env);
  const node = pinnedNode();
  const sources = ['base-image.ts', 'debian.ts'].map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
  const parts = [...packages.map(({ file }) => basename(file)), node.version, process.arch, ...sources];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const images = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'metallb-ts', 'image');
  const kept = join(images, key);
  const list = join(kept, 'contents.json');
  if (!existsSync(list)) {
    mkdirSync(images, { recursive: true });
    const making = mkdtempSync(join(images, 'making-'));
    try {
      const contents = fill(join(making, 'root'), packages, node);
      writeFileSync(join(making, 'contents.json'), JSON.stringify(contents));
      // Another one may have made the very same meanwhile.
      if (!existsSync(kept)) renameSync(making, kept);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return { directory: join(kept, 'root'), contents: JSON.parse(readFileSync(list, 'utf8')) as readonly Content[] };
}

function fill(directory: string, packages: readonly DebianPackage[], node: PinnedNode): readonly Content[] {
  for (const [link, target] of Object.entries(MERGED)) {
    mkdirSync(join(directory, target), { recursive: true });
    symlinkSync(target, join(directory, link));
  }
  const contents: Content[] = [];
  let total = 0;
  const measured = (name: string): void => {
    const now = sizeOf(directory);
    contents.push({ name, bytes: now - total });
    total = now;
  };
  for (const one of packages) {
    extract(one, directory, WITHOUT);
    measured(`${one.name} ${one.version}`);
  }
  addNode(directory, node);
  measured(`Node.js ${node.version}`);
  addFiles(directory);
  measured('settings and links');
  requireLibraries(directory);
  return contents;
}

interface PinnedNode {
  readonly file: string;
  readonly version: string;
}

/** The Node of package-lock.json, as it lies in node_modules. */
function pinnedNode(): PinnedNode {
  const folder = join(ROOT, 'node_modules', `node-linux-${process.arch}`);
  if (!existsSync(folder)) throw new RootfsError(`${folder} is not there: run npm ci without --omit=optional`);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return { file: join(folder, 'bin', 'node'), version };
}

function addNode(directory: string, { file }: PinnedNode): void {
  const target = join(directory, 'usr/bin/node');
  copyFileSync(file, target);
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
  // Process 1 is Node itself: signals reach it.
  const node = ['/usr/bin/node', ...NODE_FLAGS, '/usr/lib/metallb/metallb.js'].join(' ');
  const environment = Object.entries(NODE_ENVIRONMENT).map(([name, value]) => `${name}=${value} `);
  write('usr/bin/metallb', `#!/bin/sh\n${environment.join('')}exec ${node} "$@"\n`, 0o755);
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
export function sizeOf(directory: string): number {
  let sum = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += sizeOf(path);
    else if (entry.isFile()) sum += lstatSync(path).size;
  }
  return sum;
}
