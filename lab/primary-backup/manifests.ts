/**
 * The guide's primary and backup paths as a folder of manifests, and the changes that are made to it.
 *
 * Every file is the guide's, word for word, but two: `router-backup.yaml`, a peer that the guide names and never defines, and the documents
 * that are taken out of the guide's multi-router file.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../guide.ts';

const ADVERTISEMENTS = 'primary-backup-advertisements.yaml';
/** The peer that has the key holds the session to router-primary (docs/decisions.md 17). */
const PRIMARY = 'bgp-peer-authenticated.yaml';
const BACKUP = 'router-backup.yaml';

const GUIDE_FILES: readonly string[] = [
  'bgp-peer/bgp-peer.yaml',
  `bgp-peer-authentication/${PRIMARY}`,
  'bgp-peer-authentication/bgp-auth-secret.yaml',
  'communities/bgp-communities.yaml',
  `primary-backup/${ADVERTISEMENTS}`,
  'test-service/test-service.yaml',
  'cluster/nodes.yaml',
  'cluster/nginx-lb-endpoints.yaml',
];

/** What the lab supplies. */
export const ROUTER_BACKUP = `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: router-backup
  namespace: metallb-system
spec:
  myASN: 64513
  peerASN: 64512
  peerAddress: 192.168.1.2
  password: bgp-auth-secret
  holdTime: 90s
  keepaliveTime: 30s
`;

/** A line of a file, and what stands in its place. */
export interface Edit {
  readonly file: string;
  readonly line: string;
  readonly becomes: readonly string[];
}

/** The community by its alias: the name of the Community resource stands for no-advertise as well. */
export const ALIAS: readonly Edit[] = [
  { file: ADVERTISEMENTS, line: '    - backup-community', becomes: ['    - backup-path'] },
];

/** The longer path, which needs nothing of the routers. */
export const PREPEND: readonly Edit[] = [
  { file: ADVERTISEMENTS, line: '  localPref: 100', becomes: ['  localPref: 100', '  asPathPrepend: 2'] },
];

/** A hold time that does not lose traffic for 90 s; the lower one of both sides counts. */
export const SHORT_TIMERS: readonly Edit[] = [PRIMARY, BACKUP].flatMap((file) => [
  { file, line: '  holdTime: 90s', becomes: ['  holdTime: 9s'] },
  { file, line: '  keepaliveTime: 30s', becomes: ['  keepaliveTime: 3s'] },
]);

/** The guide's BFDProfile on both peers. */
export const BFD: readonly Edit[] = [PRIMARY, BACKUP].map((file) => ({
  file,
  line: '  holdTime: 90s',
  becomes: ['  bfdProfile: production-bfd', '  holdTime: 90s'],
}));

/** Writes the folder with the changes; what was in it goes. */
export function writeManifests(folder: string, edits: readonly Edit[]): void {
  if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
  for (const file of GUIDE_FILES) copyFileSync(join(EXAMPLES, file), join(folder, file.slice(file.indexOf('/') + 1)));
  writeFileSync(join(folder, BACKUP), ROUTER_BACKUP);
  writeFileSync(join(folder, 'production-pool.yaml'), document('IPAddressPool', 'production-pool'));
  if (edits.some(({ becomes }) => becomes.some((line) => line.includes('bfdProfile'))))
    writeFileSync(join(folder, 'production-bfd.yaml'), document('BFDProfile', 'production-bfd'));
  for (const { file, line, becomes } of edits) {
    const path = join(folder, file);
    const lines = readFileSync(path, 'utf8').split('\n');
    const at = lines.indexOf(line);
    if (at < 0) throw new Error(`${file} has no line "${line}"`);
    lines.splice(at, 1, ...becomes);
    writeFileSync(path, lines.join('\n'));
  }
}

/** The edits as a diff shows them. */
export function editText(edits: readonly Edit[]): string {
  return edits
    .map(({ file, line, becomes }) => {
      const added = becomes.filter((text) => text !== line).map((text) => `+${text}`);
      return [file, ...(becomes.includes(line) ? [] : [`-${line}`]), ...added].join('\n');
    })
    .join('\n');
}

/** One object out of the guide's multi-router file, as it stands there. */
function document(kind: string, name: string): string {
  const text = readFileSync(join(EXAMPLES, 'multi-router/multi-router-config.yaml'), 'utf8');
  const found = text
    .split(/^---\n/m)
    .find((part) => part.includes(`\nkind: ${kind}\n`) && part.includes(`\n  name: ${name}\n`));
  if (found === undefined) throw new Error(`multi-router-config.yaml has no ${kind} ${name}`);
  return found;
}
