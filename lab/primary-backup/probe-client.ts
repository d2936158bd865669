/**
 * Sends numbered probes to the Service and notes the answers. Arguments: address, port, number of flows, milliseconds between two probes of a flow.
 *
 * Each flow is a socket with a port of its own, so that routers that share traffic place it anew. A line for each probe sent (`sent NUMBER FLOW MS`)
 * and for each answer (`answer NUMBER PORT NODE MS`), with milliseconds of the wall clock.
 */
import { createSocket } from 'node:dgram';

const [address = '', port = '', flows = '', everyMs = ''] = process.argv.slice(2);

const now = (): string => (performance.timeOrigin + performance.now()).toFixed(1);
let lines = '';
let next = 0;

const sockets = Array.from({ length: Number(flows) }, () => {
  const socket = createSocket('udp4');
  socket.on('message', (answer, { port: from }) => {
    const [number = '', node = ''] = answer.toString().split(' ');
    lines += `answer ${number} ${from} ${node} ${now()}\n`;
  });
  // Where no way leads to the Service the kernel says so; that probe is lost like any other.
  socket.on('error', () => {});
  return socket;
});

// Flow by flow, evenly spread over the interval; a late timer catches up with the flows that are due.
const start = performance.now();
const gapMs = Number(everyMs) / sockets.length;
setInterval(() => {
  const due = Math.floor((performance.now() - start) / gapMs);
  // After a pause of this program the probes of that time are left out, not sent in one burst.
  next = Math.max(next, due - sockets.length);
  for (; next < due; next += 1) {
    const flow = next % sockets.length;
    lines += `sent ${next} ${flow} ${now()}\n`;
    sockets[flow]?.send(`${next}`, Number(port), address, () => {});
  }
}, 1);

setInterval(() => {
  if (lines !== '') process.stdout.write(lines);
  lines = '';
}, 50);
