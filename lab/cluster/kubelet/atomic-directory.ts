/**
 * A directory whose files change all at once, as the kubelet's do: they are links through `..data`, which is a link to the newest version.
 *
 *     token -> ..data/token
 *     ..data -> ..version-7
 *     ..version-7/token
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Content by path; a path may have folders. */
export type Files = Readonly<Record<string, Buffer>>;

const DATA = '..data';

export class AtomicDirectory {
  readonly #path: string;
  #files: Files | undefined;
  #version = 0;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
  }

  /** Returns whether anything changed; what did not is not touched. */
  write(files: Files): boolean {
    if (this.#files !== undefined && isSame(this.#files, files)) return false;
    this.#version += 1;
    const version = `..version-${this.#version}`;
    const directory = join(this.#path, version);
    mkdirSync(directory);
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: 0o644 });
    }
    const link = join(this.#path, '..data-new');
    rmSync(link, { force: true });
    symlinkSync(version, link);
    renameSync(link, join(this.#path, DATA));
    this.#link(new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path)));
    rmSync(join(this.#path, `..version-${this.#version - 1}`), { recursive: true, force: true });
    this.#files = files;
    return true;
  }

  /** The names that are seen: those of the files and of their folders. */
  #link(names: ReadonlySet<string>): void {
    const there = readdirSync(this.#path).filter((name) => !name.startsWith('..'));
    for (const name of there) if (!names.has(name)) rmSync(join(this.#path, name));
    for (const name of names) if (!there.includes(name)) symlinkSync(join(DATA, name), join(this.#path, name));
  }
}

function isSame(a: Files, b: Files): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name]?.equals(a[name] ?? Buffer.alloc(0)) === true)
  );
}
