/** A Secret that changes, or appears: one reset of the sessions that it is for, and of no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './speaker-harness.ts';

const SECRETS = 'cluster/secrets.yaml';
const KEY = 'your-secure-password';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.end());

const text = (): string => readFileSync(join(world.folder, SECRETS), 'utf8');
const rekeyed = (): (string | undefined)[] => world.events('sessionRekeyed').map(({ peer }) => peer);

describe('a key that changes', () => {
  it('re-keys the sessions of its Secret once each, with a Cease, and leaves the others', async () => {
    world.startRouter();
    world.startSpeaker();
    await world.until('the route', () => '10.100.0.1/32' in world.routes());
    // The first document is the Secret of data centre 1.
    world.write(SECRETS, text().replace(KEY, 'another-password'));
    await world.until('the re-keying', () => rekeyed().length > 0);
    await world.until('the NOTIFICATION', () => world.router?.neighbors[0]?.notificationsReceived === 1);
    await world.quiet(500);
    expect(rekeyed().toSorted()).toEqual(['dc1-router-primary', 'dc1-router-secondary']);
    expect(world.events('sessionRekeyed')[0]).toMatchObject({
      level: 'info',
      authentication: 'md5, key of Secret bgp-dc1-secret',
    });
    // Back to the key that the router has: the session comes up with it, and the routes are there again.
    world.write(SECRETS, text().replace('another-password', KEY));
    await world.until('the session', () => world.router?.neighbors[0]?.establishedCount === 2);
    await world.until('the route', () => '10.100.0.1/32' in world.routes());
    expect(rekeyed()).toHaveLength(4);
    expect(world.output).not.toContain(KEY);
    expect(world.output).not.toContain('another-password');
  });

  it('re-keys where the Secret appears that the password names', async () => {
    world.startRouter();
    const complete = text();
    world.write(SECRETS, complete.replace('name: bgp-dc1-secret', 'name: bgp-other-secret'));
    world.startSpeaker();
    await world.until('the session that does not come up', () =>
      world.events('sessionError').some(({ peer }) => peer === 'dc1-router-primary'),
    );
    world.write(SECRETS, complete);
    await world.until('the route', () => '10.100.0.1/32' in world.routes());
    expect(rekeyed().toSorted()).toEqual(['dc1-router-primary', 'dc1-router-secondary']);
  });
});
