/**
 * Answers probes on one node. Arguments: the node's name, the Service's address, ports.
 *
 * Each router writes a port of its own into what it forwards to the nodes (network.ts), and the answer comes from the port that the probe came to:
 * so the asker learns which router it took.
 */
import { createSocket } from 'node:dgram';

const [node = '', address = '', ...ports] = process.argv.slice(2);

for (const port of ports) {
  const socket = createSocket('udp4');
  socket.on('message', (probe, { address: asker, port: from }) => socket.send(`${probe} ${node}`, from, asker));
  socket.bind(Number(port), address);
}
