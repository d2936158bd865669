/** The contract on the embedded API server. */
import { PARTS } from '../../src/apiserver/parts.ts';
import { startApiServer } from '../../src/apiserver/start.ts';
import { systemClock } from '../../src/time/clock.ts';
import { ApiClient } from './client.ts';
import { contractSuite } from './suite.ts';

contractSuite('embedded API server', undefined, async () => {
  const server = await startApiServer({
    parts: PARTS,
    clock: systemClock,
    wallClock: Date.now,
    serviceCidrs: ['10.96.0.0/16', 'fd00:10:96::/112'],
  });
  const { url, ca, token } = server;
  const api = new ApiClient({ url, token, ...(ca === null ? {} : { ca }) });
  return {
    api,
    expireHistory: () => {
      server.compact();
      return Promise.resolve();
    },
    close: async () => {
      api.close();
      await server.close();
    },
  };
});
