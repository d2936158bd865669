/** `npm run build [-- FOLDER]`: the program as one file, with esbuild. */
import { launch } from './bootstrap.mjs';

await launch('deploy/image/build-main.ts', { dev: true });
