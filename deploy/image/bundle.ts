/**
 * The program as one file, as it lies in the image: every command, with all packages but the native addon of koffi, which lies beside it where
 * koffi looks for it. Code is not minified: what a stack trace names must be found in the sources.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

/** What the bundle is made for: the oldest Node that package.json allows. */
const TARGET = 'node24';

export interface Bundle {
  /** The program. */
  readonly file: string;
  readonly bytes: number;
  /** Packages whose code is in it. */
  readonly packages: readonly string[];
}

/**
 * Builds into a folder: `metallb.js`, `licenses.txt` with the notices of the packages, and `node_modules` with koffi's addon for this platform.
 *
 * @throws where a source does not parse or an import cannot be found, after esbuild has said so on standard error.
 */
export async function buildBundle(folder: string): Promise<Bundle> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const file = join(folder, 'metallb.js');
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: TARGET,
    metafile: true,
    logLevel: 'warning',
    define: { METALLB_VERSION: JSON.stringify(version) },
    banner: {
      // Packages in CommonJS call for Node's modules by `require`, which a module of ECMAScript does not have.
      js: "#!/usr/bin/env node\nimport { createRequire as requireOfBundle } from 'node:module';\nconst require = requireOfBundle(import.meta.url);",
    },
  });
  const packages = [
    ...new Set(
      Object.keys(metafile.inputs).flatMap(
        (input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.slice(1) ?? [],
      ),
    ),
  ].sort();
  writeFileSync(join(folder, 'licenses.txt'), packages.map(noticeOf).join('\n'));
  copyAddon(folder);
  return { file, bytes: readFileSync(file).length, packages };
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
