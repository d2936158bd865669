/** `npm run crds`: writes deploy/crds anew from the schemas, and removes what no kind has any more. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderCrdFiles } from './render.ts';

const FOLDER = resolve(import.meta.dirname, '../../deploy/crds');

const files = renderCrdFiles();
mkdirSync(FOLDER, { recursive: true });
for (const name of readdirSync(FOLDER)) if (!files.some((file) => file.name === name)) rmSync(join(FOLDER, name));
for (const { name, text } of files) writeFileSync(join(FOLDER, name), text);
process.stdout.write(`${files.length} files in ${FOLDER}\n`);
