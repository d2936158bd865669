/** `npm run lab`: The guide's network with real routers, in network namespaces. */
import { launch } from './bootstrap.mjs';

await launch('lab/main.ts', { dev: false });
