import { describe, expect, it } from 'vitest';
import { SERVICE } from '../kube/resource-types.ts';
import { POOL_ANNOTATION } from './objects.ts';
import { Stage } from './testing/stage.ts';

const POOLED = '192.0.2.0/24';

async function ready(stage = new Stage()) {
  stage.pool('web', POOLED);
  const controller = stage.start();
  await stage.run(2_000);
  return { stage, controller };
}

describe('a controller', () => {
  it('gives a Service its address and the annotation in one write, and is quiet then', async () => {
    const { stage, controller } = await ready();
    expect(controller.ready()).toBe(true);
    stage.service('shop');
    await stage.run(3_000);
    expect(stage.ips('shop')).toEqual(['192.0.2.0']);
    expect(stage.api.get(SERVICE, 'default/shop')?.metadata.annotations).toEqual({ [POOL_ANNOTATION]: 'web' });
    expect(stage.written(SERVICE)).toHaveLength(1);
    await stage.run(60_000, 500);
    expect(stage.written(SERVICE)).toHaveLength(1);
    await controller.stop();
  });
});
