/** What a test on the lab needs, and how it says that it cannot run. */
import { missingPackages, reachSystemPrograms } from './packages.ts';
import { type SandboxKind, sandboxObstacle } from './sandbox.ts';

/** Why a test with this kind of sandbox and these Debian packages cannot run here; undefined when it can. */
export async function testObstacle(kind: SandboxKind, packages: readonly string[]): Promise<string | undefined> {
  reachSystemPrograms(process.env);
  const missing = missingPackages(['iproute2', ...packages], process.env.PATH ?? '');
  if (missing.length > 0) return `not installed: ${missing.join(' ')}`;
  return await sandboxObstacle(kind);
}

/** A title that carries the reason of a skip to wherever titles are printed. */
export function titled(title: string, obstacle: string | undefined): string {
  return obstacle === undefined ? title : `${title} [skipped: ${obstacle}]`;
}
