/**
 * A door between two network namespaces: accepts on a socket that it is given, and connects each connection to one address of its own namespace.
 *
 * The parent opens the socket on its side and hands it over, a socket stays in the namespace that it was made in. So kubectl on the machine
 * reaches an API server that listens inside the lab, and no cable leads there. Arguments: address, port.
 */
import { connect, Server, type Socket } from 'node:net';

const [address = '', port = ''] = process.argv.slice(2);

function join(socket: Socket): void {
  const inner = connect({ host: address, port: Number(port), noDelay: true });
  socket.setNoDelay(true);
  socket.pipe(inner).pipe(socket);
  // Either end may go at any time; the other is told by the end of its stream.
  socket.on('error', () => inner.destroy());
  inner.on('error', () => socket.destroy());
}

process.once('message', (_message, handle) => {
  if (!(handle instanceof Server)) throw new Error('door.ts needs a listening socket from its parent');
  handle.on('connection', join);
  process.send?.('open');
});
process.once('disconnect', () => process.exit());
