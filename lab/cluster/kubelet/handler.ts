/** What probes and hooks do: ask by HTTP, open a TCP connection, run a program in the container, or just wait. */
import { spawn } from 'node:child_process';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { systemClock } from '../../../src/time/clock.ts';
import { pause } from '../../../src/time/pause.ts';
import { type ContainerSpec, type Handler, type HttpGet, portNumber } from './pod.ts';

export interface HandlerContext {
  readonly spec: ContainerSpec;
  readonly address: string;
  readonly command: (argv: readonly string[]) => Promise<readonly string[] | undefined>;
}

/** Of the answer of a program that failed, in the event about it. */
const MAX_SAID = 512;

/**
 * Does it once.
 *
 * @throws {Error} where it fails, in words for people; the signal's reason where it is aborted.
 */
export async function performHandler(handler: Handler, context: HandlerContext, signal: AbortSignal): Promise<void> {
  const { exec, httpGet, tcpSocket, sleep } = handler;
  if (exec !== undefined) await runInside(exec.command ?? [], context, signal);
  else if (httpGet !== undefined) await get(httpGet, context, signal);
  else if (tcpSocket !== undefined)
    await dial(tcpSocket.host ?? context.address, portNumber(tcpSocket.port, context.spec), signal);
  else if (sleep !== undefined) await pause(systemClock, sleep.seconds * 1_000, signal);
  else throw new Error('this kind of probe is not supported here');
}

async function runInside(argv: readonly string[], { command }: HandlerContext, signal: AbortSignal): Promise<void> {
  const full = await command(argv);
  if (full === undefined) throw new Error('the container is not running');
  const [file = '', ...args] = full;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (said.length < MAX_SAID) said += text;
      });
    child.once('error', reject);
    child.once('close', (status) =>
      status === 0 ? resolve() : reject(new Error(said.slice(0, MAX_SAID).trim() || `status ${status}`)),
    );
  });
}

/** The kubelet's rule: from 200 on, below 400, a certificate is not looked at. */
function get(httpGet: HttpGet, { spec, address }: HandlerContext, signal: AbortSignal): Promise<void> {
  const { port, path = '/', host = address, scheme = 'HTTP', httpHeaders = [] } = httpGet;
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host,
    port: portNumber(port, spec),
    path,
    headers: {
      'User-Agent': 'kube-probe/lab',
      ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
    },
    agent: false,
    signal,
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const send = scheme === 'HTTPS' ? httpsRequest : httpRequest;
    const request = send(options, (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      if (statusCode >= 200 && statusCode < 400) resolve();
      else reject(new Error(`HTTP probe failed with statuscode: ${statusCode}`));
    });
    request.once('error', reject);
    request.end();
  });
}

function dial(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
