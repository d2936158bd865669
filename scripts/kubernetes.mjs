/** `npm run kubernetes`: a real Kubernetes API on loopback, built from Go modules. */
import { launch } from './bootstrap.mjs';

await launch('lab/kubernetes/main.ts', { dev: false });
