/** `npm run manifests`: deploy/metallb-ts.yaml, generated from deploy/base and deploy/crds. */
import { launch } from './bootstrap.mjs';

await launch('deploy/manifest/main.ts', { dev: false });
