/** The version of this program. */
import { readFileSync } from 'node:fs';

/** Put in place of the name when the program is bundled (deploy/image/bundle.ts): a bundle lies where there is no package.json. */
declare const METALLB_VERSION: string;

/** As package.json has it. */
export function version(): string {
  if (typeof METALLB_VERSION === 'string') return METALLB_VERSION;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}
