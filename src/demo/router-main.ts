/** The process of one of the demo's routers: its configuration comes over IPC, and what it sees goes back there. */
import { systemClock } from '../time/clock.ts';
import { DemoRouter } from './router.ts';
import type { FromRouter, ToRouter } from './router-protocol.ts';

const tell = (message: FromRouter): void => {
  process.send?.(message);
};

process.on('message', (message: ToRouter) => {
  new DemoRouter(message.config, systemClock, Math.random, tell).start();
});
// The demo is gone, however it ended: a router without it serves nobody.
process.on('disconnect', () => process.exit(0));
