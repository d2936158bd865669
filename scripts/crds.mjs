/** `npm run crds`: deploy/crds, generated from src/crd. */
import { launch } from './bootstrap.mjs';

await launch('src/crd/main.ts', { dev: false });
