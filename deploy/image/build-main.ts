/** `npm run build`: the program as one file, in `dist/` or the folder that is given. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBundle } from './bundle.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const { file, bytes, packages } = await buildBundle(resolve(positionals[0] ?? 'dist'));
process.stdout.write(
  `${file}: ${(bytes / 1e6).toFixed(2)} MB, with ${packages.length} packages: ${packages.join(', ')}\n`,
);
