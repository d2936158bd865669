/** What `metallb router-config` writes for a router of the lab. */
import { run } from '../run.ts';
import { metallbCommand } from '../speaker.ts';
import type { PathRouter, Software } from './routers.ts';

/** The command without its input, as one types it. */
export const routerConfigCommand = ({ address }: PathRouter, software: Software): readonly string[] => [
  ...['metallb', 'router-config', '--vendor', software, '--router', address, '--show-passwords'],
];

/** @throws {CommandError} when there is no configuration. */
export function generatedText(router: PathRouter, software: Software, folder: string): Promise<string> {
  const [, ...args] = routerConfigCommand(router, software);
  return run(metallbCommand(...args, folder));
}
