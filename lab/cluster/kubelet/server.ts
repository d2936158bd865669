/**
 * What the API server asks of a kubelet, over HTTPS with certificates on both sides: `kubectl logs` and `kubectl exec`.
 *
 * `port-forward` and `attach` are not served, nor exec over SPDY, which current clients do not need.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { errorMessage } from '../../../src/error-message.ts';
import type { Container } from './container.ts';
import { EXEC_PROTOCOLS, failSession, runSession } from './exec-session.ts';
import { sendLog } from './log-stream.ts';
import { KUBELET_PORT } from './node.ts';
import type { KubeletSettings } from './settings.ts';
import { chooseProtocol, handshakeAnswer } from './websocket.ts';

export interface Containers {
  container(namespace: string, pod: string, container: string): Container | undefined;
}

/** A path of the kubelet's API that names a container. */
interface Asked {
  readonly verb: string;
  readonly name: string;
  readonly container: Container | undefined;
  readonly query: URLSearchParams;
}

function ask(url: string | undefined, containers: Containers): Asked | undefined {
  const { pathname, searchParams: query } = new URL(url ?? '/', 'https://kubelet');
  const [, verb, namespace, pod, ...rest] = pathname.split('/').map(decodeURIComponent);
  // The older form has the Pod's uid before the container's name.
  const name = rest.at(-1);
  if (verb === undefined || namespace === undefined || pod === undefined || name === undefined) return undefined;
  return { verb, name, container: containers.container(namespace, pod, name), query };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(`${message}\n`);
}

/** Resolves when it listens. */
export async function serveKubelet(
  settings: KubeletSettings,
  containers: Containers,
  log: (message: string) => void,
): Promise<void> {
  const server = createServer({
    cert: readFileSync(settings.serving.certificate),
    key: readFileSync(settings.serving.key),
    ca: readFileSync(settings.clientAuthority),
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/healthz') {
      response.end('ok');
      return;
    }
    const asked = ask(request.url, containers);
    if (asked?.verb === 'exec') refuse(response, 400, 'exec needs a WebSocket');
    else if (asked?.verb !== 'containerLogs') refuse(response, 404, `${request.url} is not served`);
    else if (asked.container === undefined) refuse(response, 404, `container "${asked.name}" not found`);
    else
      sendLog(asked.container, asked.query, response).catch((error: unknown) => {
        log(`logs of ${asked.name}: ${errorMessage(error)}`);
        response.destroy();
      });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    exec(request, socket, head, containers).catch((error: unknown) => {
      log(`exec: ${errorMessage(error)}`);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(KUBELET_PORT, '::', resolve));
}

async function exec(request: IncomingMessage, socket: Duplex, head: Buffer, containers: Containers): Promise<void> {
  const refuseUpgrade = (status: string, message: string): void => {
    socket.end(
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
    );
  };
  const asked = ask(request.url, containers);
  const key = request.headers['sec-websocket-key'];
  const protocol = chooseProtocol(request, EXEC_PROTOCOLS);
  if (asked?.verb !== 'exec') return refuseUpgrade('404 Not Found', `${request.url} is not served`);
  if (key === undefined || protocol === undefined)
    return refuseUpgrade('400 Bad Request', `only a WebSocket of ${EXEC_PROTOCOLS.join(' or ')}`);
  const isOn = (name: string): boolean => ['1', 'true'].includes(asked.query.get(name) ?? '');
  const options = { stdin: isOn('input'), stdout: isOn('output'), stderr: isOn('error'), tty: isOn('tty') };
  let argv: readonly string[] | undefined;
  let obstacle = `container "${asked.name}" is not running`;
  try {
    argv = await asked.container?.command(asked.query.getAll('command'));
  } catch (error) {
    obstacle = errorMessage(error);
  }
  socket.write(handshakeAnswer(key, protocol));
  // Not by refusing the WebSocket: kubectl would try SPDY then, and show what became of that.
  if (argv === undefined) failSession(socket, obstacle);
  else runSession(socket, head, argv, options);
}
