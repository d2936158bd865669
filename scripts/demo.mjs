/** `npm run demo`: The guide's configuration on loopback; needs nothing but Node and npm. */
import { launch } from './bootstrap.mjs';

await launch('src/demo/main.ts', { dev: false });
