/** `npm run rootfs [-- FOLDER]`: the image's root file system of Debian's packages, without a container engine. */
import { launch } from './bootstrap.mjs';

await launch('deploy/image/rootfs-main.ts', { dev: true });
