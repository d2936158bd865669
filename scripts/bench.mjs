/** `npm run bench`: The benchmarks. */
import { launch } from './bootstrap.mjs';

await launch('bench/main.ts', { dev: true });
