/** `npm run fuzz`: mutated messages against live peers. */
import { launch } from './bootstrap.mjs';

await launch('test/fuzz/main.ts', { dev: true });
