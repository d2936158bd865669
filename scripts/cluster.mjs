/** `npm run cluster`: a Kubernetes cluster with routers, in network namespaces. */
import { launch } from './bootstrap.mjs';

await launch('lab/cluster/main.ts', { dev: true });
