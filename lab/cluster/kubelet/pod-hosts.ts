/** The files by which a container knows its own name: `/etc/hostname`, `/etc/hosts`; and `/etc/resolv.conf`, which names nobody: the lab has no DNS. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_SERVICE_ADDRESS } from '../layout.ts';
import type { Mount } from './container-start.ts';

export function podHosts(directory: string, hostname: string, addresses: readonly string[]): readonly Mount[] {
  const files: Readonly<Record<string, string>> = {
    hostname: `${hostname}\n`,
    hosts: [
      '127.0.0.1 localhost',
      '::1 localhost',
      ...addresses.map((address) => `${address} ${hostname}`),
      `${API_SERVICE_ADDRESS} kubernetes.default.svc kubernetes.default kubernetes`,
      '',
    ].join('\n'),
    'resolv.conf': '',
  };
  const etc = join(directory, 'etc');
  mkdirSync(etc, { recursive: true });
  return Object.entries(files).map(([name, content]) => {
    const source = join(etc, name);
    writeFileSync(source, content);
    return { source, target: `/etc/${name}`, readOnly: true, isFile: true };
  });
}
