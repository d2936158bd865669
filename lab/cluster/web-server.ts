/**
 * Stands in for nginx, whose image no registry is asked for: on port 80 it answers every request with a page that names the Pod.
 *
 * `/healthz` answers too; SIGTERM ends it when the requests under way are answered, as nginx' SIGQUIT does.
 */
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const server = createServer((request, response) => {
  process.stdout.write(`${request.socket.remoteAddress ?? '-'} ${request.method} ${request.url}\n`);
  // Every request shall be a connection of its own, so that each is placed anew.
  response.writeHead(200, { 'Content-Type': 'text/html', Connection: 'close' });
  response.end(`<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n<p>${hostname()}</p>\n`);
});

process.once('SIGTERM', () => server.close());
server.listen(80, '::');
