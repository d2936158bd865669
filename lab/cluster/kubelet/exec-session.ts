/**
 * `kubectl exec` over a WebSocket: Kubernetes' remote command protocol, versions 4 and 5.
 *
 * The first byte of a message is its channel: 0 standard input, 1 standard output, 2 standard error, 3 the result, 4 the size of the terminal. In
 * version 5 a message of 255 and a channel says that nothing more comes on it. The result is a Status object.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { shellQuote } from './shell-quote.ts';
import { CLOSE, WebSocketConnection } from './websocket.ts';

export const EXEC_PROTOCOLS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export interface ExecOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** What kubectl makes its own exit status of. */
export function exitStatus(exitCode: number): Readonly<Record<string, unknown>> {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** Why the program could not be run at all. */
export const failure = (message: string): Readonly<Record<string, unknown>> => ({
  metadata: {},
  status: 'Failure',
  reason: 'InternalError',
  message,
  code: 500,
});

/** With a terminal: `script` (bsdutils) opens one and passes on what happens there. */
export const withTerminal = (argv: readonly string[]): readonly string[] => [
  'script',
  ...['--quiet', '--flush', '--return', '--command', argv.map(shellQuote).join(' '), '/dev/null'],
];

/** Runs the command line and joins its streams to the socket; ends both when either ends. */
export function runSession(socket: Duplex, head: Buffer, argv: readonly string[], options: ExecOptions): void {
  const [file = '', ...args] = options.tty ? withTerminal(argv) : argv;
  const child = spawn(file, args, { stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'], detached: true });
  const connection = new WebSocketConnection(
    socket,
    (message) => takeInput(child, message),
    () => endGroup(child),
  );
  const on = (channel: number, bytes: Buffer): Promise<void> =>
    connection.send(Buffer.concat([Buffer.of(channel), bytes]));
  const pump = async (stream: NodeJS.ReadableStream | null, channel: number, isWanted: boolean): Promise<void> => {
    if (stream === null) return;
    for await (const chunk of stream) if (isWanted) await on(channel, Buffer.from(chunk));
  };
  const ended = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    child.once('error', (error) => resolve(failure(error.message)));
    child.once('exit', (status, signal) =>
      resolve(exitStatus(signal === null ? (status ?? 128) : 128 + constants.signals[signal])),
    );
  });
  child.stdin?.on('error', () => {});
  connection.unshift(head);
  void Promise.all([
    ended,
    pump(child.stdout, CHANNEL.stdout, options.stdout),
    pump(child.stderr, CHANNEL.stderr, options.stderr),
  ]).then(
    async ([result]) => {
      await on(CHANNEL.error, Buffer.from(JSON.stringify(result)));
      connection.close();
    },
    () => connection.close(CLOSE.internalError),
  );
}

/** Tells why nothing can be run. */
export function failSession(socket: Duplex, message: string): void {
  const connection = new WebSocketConnection(
    socket,
    () => {},
    () => {},
  );
  void connection.send(Buffer.concat([Buffer.of(CHANNEL.error), Buffer.from(JSON.stringify(failure(message)))]));
  connection.close();
}

function takeInput(child: ChildProcess, message: Buffer): void {
  const [channel, which] = message;
  if (channel === CHANNEL.stdin) child.stdin?.write(message.subarray(1));
  else if (channel === CHANNEL.close && which === CHANNEL.stdin) child.stdin?.end();
}

/** Whoever asked has gone, and so goes what was asked for. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
