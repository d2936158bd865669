/**
 * The contract: what our clients, and users with kubectl, rely on of a Kubernetes API, written against Kubernetes' documented behaviour.
 *
 * One suite, several servers: what one of them does not pass, that one does not do. Nothing in it knows which server it asks.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { applyContract } from './applies.ts';
import { coreKindContract } from './core-kinds.ts';
import { customResourceContract } from './custom-resources.ts';
import { deployedDefinitionContract } from './deployed-definitions.ts';
import { discoveryContract } from './discovery.ts';
import { lifecycleContract } from './lifecycle.ts';
import { listContract } from './lists.ts';
import { patchContract } from './patches.ts';
import { refusalContract } from './refusals.ts';
import { serviceContract } from './services.ts';
import type { Subject } from './subject.ts';
import { tableContract } from './tables.ts';
import { watchContract } from './watches.ts';
import { writeContract } from './writes.ts';

/**
 * Registers the suite for one server.
 *
 * @param obstacle - why the server cannot be had here; then the suite is skipped under a title that says so.
 */
export function contractSuite(name: string, obstacle: string | undefined, start: () => Promise<Subject>): void {
  const title = obstacle === undefined ? name : `${name} [skipped: ${obstacle}]`;
  describe.skipIf(obstacle !== undefined)(title, () => {
    let running: Subject | undefined;
    const subject = (): Subject => {
      if (running === undefined) throw new Error('the server does not run');
      return running;
    };
    beforeAll(async () => {
      running = await start();
    });
    afterAll(async () => {
      await running?.close();
    });

    discoveryContract(subject);
    refusalContract(subject);
    listContract(subject);
    watchContract(subject);
    writeContract(subject);
    patchContract(subject);
    applyContract(subject);
    serviceContract(subject);
    coreKindContract(subject);
    tableContract(subject);
    customResourceContract(subject);
    deployedDefinitionContract(subject);
    lifecycleContract(subject);
  });
}
