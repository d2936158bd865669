/** The modules of prom-client that are taken by themselves; its types describe only the index. */
declare module 'prom-client/lib/registry.js' {
  import type { Registry } from 'prom-client';

  const registry: typeof Registry;
  export = registry;
}
declare module 'prom-client/lib/gauge.js' {
  import type { Gauge } from 'prom-client';

  const gauge: typeof Gauge;
  export = gauge;
}
declare module 'prom-client/lib/counter.js' {
  import type { Counter } from 'prom-client';

  const counter: typeof Counter;
  export = counter;
}
