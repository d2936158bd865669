/** `npm run manifests`: writes deploy/metallb-ts.yaml anew from the kustomize base. */
import { writeFileSync } from 'node:fs';
import { MANIFEST, renderManifest } from './render.ts';

const text = renderManifest();
writeFileSync(MANIFEST, text);
process.stdout.write(`${MANIFEST}: ${text.split('\n').length} lines\n`);
