/** Opens a sandbox with a program that ignores a polite end, says so on standard output, and stays. Argument: the kind. */
import { Daemon } from '../../../lab/daemon.ts';
import { Sandbox, type SandboxKind } from '../../../lab/sandbox.ts';

const sandbox = new Sandbox(process.argv[2] as SandboxKind);
const namespace = await sandbox.namespace('one');
const argv = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
const daemon = new Daemon({ namespace, name: 'stubborn', directory: sandbox.directory, argv });
process.stdout.write(`${JSON.stringify({ directory: sandbox.directory, program: daemon.pid })}\n`);
setInterval(() => {}, 60_000);
