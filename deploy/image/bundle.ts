/**
 * The program as it lies in the image: every command, with all packages but the native addon of koffi, which lies beside it where koffi looks for it.
 *
 * Each command is a file of its own, beside what it shares with others: a daemon that had the text of all would be 3.5 MB larger.
 *
 * Without white space and in short forms it costs a daemon 5 MB less. Names stay, and lines stay short, so that a stack trace says where to look.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

/** What the bundle is made for: the oldest Node that package.json allows. */
const TARGET = 'node24';

export interface Bundle {
  /** What starts the program. */
  readonly file: string;
  /** Of all files of the program, without its threads. */
  readonly bytes: number;
  /** Packages whose code is in it. */
  readonly packages: readonly string[];
  /** What is imported and not in it. */
  readonly externals: readonly string[];
}

/**
 * Builds into a folder: `metallb.js` and the files that it loads, a file for each thread that it starts (small, so that a thread need not load the whole),
 * `licenses.txt` with the notices of the packages, and `node_modules` with koffi's addon for this platform. Files of an earlier build are removed.
 *
 * @throws where a source does not parse or an import cannot be found, after esbuild has said so on standard error.
 */
export async function buildBundle(folder: string): Promise<Bundle> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const file = join(folder, 'metallb.js');
  mkdirSync(folder, { recursive: true });
  const workers = new Set<string>();
  const common: BuildOptions = {
    ...BUNDLING,
    define: { METALLB_VERSION: JSON.stringify(version) },
    plugins: [threads(workers), builtins],
  };
  removeParts(folder);
  const program = await build({
    ...common,
    ...{ entryPoints: { metallb: 'src/cli/main.ts' }, outdir: folder, splitting: true, metafile: true },
  });
  const built = [program.metafile];
  const parts = Object.keys(program.metafile.outputs).map((output) => resolve(ROOT, output));
  for (const part of parts) demandAscii(part);
  for (const source of workers) {
    const outfile = join(folder, `${basename(source, '.ts')}.js`);
    built.push((await build({ ...common, entryPoints: [source], outfile, metafile: true })).metafile);
  }
  const packages = packagesOf(built);
  writeFileSync(join(folder, 'licenses.txt'), packages.map(noticeOf).join('\n'));
  copyAddon(folder);
  const imports = built.flatMap(({ outputs }) => Object.values(outputs).flatMap((output) => output.imports));
  const externals = [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))].sort();
  const bytes = parts.reduce((sum, part) => sum + statSync(part).size, 0);
  return { file, bytes, packages, externals };
}

/** What esbuild has named by its content: it would be added to, build by build. */
function removeParts(folder: string): void {
  for (const name of readdirSync(folder)) if (/-[A-Z0-9]{8}\.js$/.test(name)) rmSync(join(folder, name));
}

/** V8 keeps the whole text of a program that has one other character at two octets each: a daemon would be 1.4 MB larger for it. */
function demandAscii(file: string): void {
  const lines = readFileSync(file, 'latin1').split('\n');
  const at = lines.findIndex((line) => /[\x80-\xff]/.test(line));
  if (at >= 0)
    throw new Error(
      `${file}:${at + 1} is not ASCII: write the character as \\u in the source, which regular expressions need`,
    );
}

/** What every bundle of ours is made with. */
export const BUNDLING: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: TARGET,
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  logLevel: 'warning',
  banner: {
    // Packages in CommonJS call for Node's modules by `require`, which a module of ECMAScript does not have.
    js: "#!/usr/bin/env node\nconst require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
  },
};

/** How a source names the file of a thread. */
const THREAD = /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g;

/** Lets sources name the built files of their threads, and notes the sources of these. */
function threads(found: Set<string>): Plugin {
  return {
    name: 'threads',
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/(?:io|speaker)\/.*\.ts$/ }, ({ path }) => {
        const contents = readFileSync(path, 'utf8').replace(THREAD, (_, name: string) => {
          found.add(join(dirname(path), `${name}.ts`));
          return `new URL('./${name}.js', import.meta.url)`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}

/**
 * Modules of Node.js as `require` has them. An import statement asks for every one of a module's exports, also those that are loaded when they
 * are asked for: `node:http` has WebSocket, for which a daemon would hold an HTTP client (undici), HTTP/2 and web streams, 7 MB in all.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_/0-9]+$/ }, ({ path, kind }) =>
      (kind === 'import-statement' || kind === 'dynamic-import') && isBuiltin(path)
        ? { path, namespace: 'builtin' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

/** Names of the packages that code was taken from. */
function packagesOf(built: readonly Metafile[]): readonly string[] {
  const inputs = built.flatMap((metafile) => Object.keys(metafile.inputs));
  return [
    ...new Set(inputs.flatMap((input) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.slice(1) ?? [])),
  ].sort();
}

function noticeOf(name: string): string {
  const folder = join(ROOT, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license?: string;
  };
  const texts = readdirSync(folder)
    .filter((entry) => /^(?:licen[cs]e|notice|copying)/i.test(entry))
    .sort()
    .map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  return `${'='.repeat(80)}\n${name} ${manifest.version} (${manifest.license ?? 'see below'})\n\n${texts.join('\n\n')}\n`;
}

/** For glibc, which the image has; koffi finds it as it finds any package, from the bundle's folder on. */
function copyAddon(folder: string): void {
  const name = join('node_modules', '@koromix', `koffi-linux-${process.arch}`);
  const source = join(ROOT, name);
  if (!existsSync(source))
    throw new Error(`${source} is not there: koffi has no addon for ${process.arch}, or npm ci left it out`);
  const target = join(folder, name);
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, { recursive: true, filter: (path) => !/\/musl_[^/]*$/.test(path) });
}
