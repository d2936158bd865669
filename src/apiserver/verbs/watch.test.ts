import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestServer } from '../testing/server.ts';
import type { ApiObject } from '../types.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const map = (name: string, labels: Record<string, string> = {}) => ({ metadata: { name, labels } });
const namesOf = (events: readonly { type: string; object: ApiObject }[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

describe('watch', () => {
  it('begins with everything, or with what happened since', () => {
    const server = new TestServer();
    const first = server.send('POST', MAPS, map('a'));
    server.send('POST', MAPS, map('b'));
    const since = server.stream(`${MAPS}?watch=true&resourceVersion=${first.object.metadata.resourceVersion}`);
    const all = server.stream(`${MAPS}?watch=1`);
    expect(namesOf(since.events())).toEqual(['ADDED b']);
    expect(namesOf(all.events())).toEqual(['ADDED a', 'ADDED b']);
    server.send('DELETE', `${MAPS}/a`);
    expect(namesOf(since.events())).toEqual(['DELETED a']);
    since.stop();
    server.send('DELETE', `${MAPS}/b`);
    expect(since.events()).toEqual([]);
    expect(namesOf(all.events())).toEqual(['DELETED a', 'DELETED b']);
  });

  it('adds and deletes what enters and leaves the selection', () => {
    const server = new TestServer();
    const stream = server.stream(`${MAPS}?watch=true&labelSelector=app%3Dweb`);
    server.send('POST', MAPS, map('a'));
    server.send('PATCH', `${MAPS}/a`, { metadata: { labels: { app: 'web' } } }, MERGE);
    server.send('PATCH', `${MAPS}/a`, { data: { x: 'y' } }, MERGE);
    const left = server.send('PATCH', `${MAPS}/a`, { metadata: { labels: { app: 'api' } } }, MERGE).object;
    server.send('DELETE', `${MAPS}/a`);
    const events = stream.events();
    expect(namesOf(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    // As it was when it was selected, at the moment at which it left.
    expect(events[2]?.object.metadata).toMatchObject({
      labels: { app: 'web' },
      resourceVersion: left.metadata.resourceVersion,
    });
  });

  it('comes to the same as a list, whatever happens and wherever it resumes', () => {
    const step = fc.record({
      type: fc.constantFrom('create', 'label', 'delete', 'resume'),
      name: fc.constantFrom('a', 'b', 'c'),
      value: fc.constantFrom('web', 'api', 'db'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const server = new TestServer();
        const query = 'labelSelector=app in (web,api)';
        const seen = new Map<string, ApiObject>();
        let version = '';
        let stream = server.stream(`${MAPS}?watch=true&${query}`);
        const read = (): void => {
          for (const { type, object } of stream.events()) {
            const { name } = object.metadata;
            expect(type === 'ADDED').toBe(!seen.has(name));
            if (type === 'DELETED') seen.delete(name);
            else seen.set(name, object);
            version = object.metadata.resourceVersion as string;
          }
        };
        for (const { type, name, value } of steps) {
          if (type === 'create') server.send('POST', MAPS, map(name, { app: value }));
          if (type === 'label')
            server.send('PATCH', `${MAPS}/${name}`, { metadata: { labels: { app: value } } }, MERGE);
          if (type === 'delete') server.send('DELETE', `${MAPS}/${name}`);
          if (type === 'resume') {
            read();
            stream.stop();
            if (version !== '') stream = server.stream(`${MAPS}?watch=true&${query}&resourceVersion=${version}`);
            else {
              seen.clear();
              stream = server.stream(`${MAPS}?watch=true&${query}`);
            }
          }
        }
        read();
        const list = server.send('GET', `${MAPS}?${query}`).body.items as ApiObject[];
        const sorted = [...seen.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        expect(sorted.map(({ metadata }) => metadata)).toEqual(list.map(({ metadata }) => metadata));
      }),
      { numRuns: 50 },
    );
  });

  it('says bookmarks where other things happen, and ends with one', () => {
    const server = new TestServer();
    const stream = server.stream(`${MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=5`);
    server.clock.advance(2000);
    expect(stream.events()).toEqual([]);
    server.send('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
    server.clock.advance(1000);
    const [bookmark] = stream.events();
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap' } });
    expect(bookmark?.object.metadata.resourceVersion).toBe(String(server.api.counts().resourceVersion));
    server.clock.advance(2000);
    expect(stream.ended).toBe(true);
    expect(server.api.counts().watches).toBe(0);
  });

  it('marks the end of the initial events where it is asked to', () => {
    const server = new TestServer();
    server.send('POST', MAPS, map('a'));
    const stream = server.stream(
      `${MAPS}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    const events = stream.events();
    expect(namesOf(events)).toEqual(['ADDED a', 'BOOKMARK undefined']);
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(server.send('GET', `${MAPS}?watch=true&sendInitialEvents=true`).status).toBe(422);
  });

  it('says 410 to who comes too late', () => {
    const server = new TestServer();
    const first = server.send('POST', MAPS, map('a'));
    server.send('POST', MAPS, map('b'));
    server.api.compact();
    const stream = server.stream(`${MAPS}?watch=true&resourceVersion=${first.object.metadata.resourceVersion}`);
    expect(stream.events()).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
    expect(stream.ended).toBe(true);
  });

  it('waits in silence for a resourceVersion that is ahead, after an older state came back', () => {
    const server = new TestServer();
    const before = server.api.snapshot();
    const last = server.send('POST', MAPS, map('a')).object.metadata.resourceVersion as string;
    const running = server.stream(`${MAPS}?watch=true&resourceVersion=${last}`);
    server.api.restore(before);
    expect(running.ended).toBe(true);
    expect(server.send('GET', `${MAPS}/a`).status).toBe(404);
    const resumed = server.stream(`${MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion=${Number(last) + 1}`);
    server.send('POST', MAPS, map('b'));
    server.clock.advance(5000);
    expect(resumed.events()).toEqual([]);
    // A list does not wait.
    expect(server.send('GET', `${MAPS}?resourceVersion=${Number(last) + 1}`)).toMatchObject({ status: 504 });
    server.send('POST', MAPS, map('c'));
    server.send('POST', MAPS, map('d'));
    expect(namesOf(resumed.events())).toEqual(['ADDED d']);
  });

  it('is bounded in number', () => {
    const server = new TestServer({ maxWatches: 1 });
    const stream = server.stream(`${MAPS}?watch=true`);
    expect(server.send('GET', `${MAPS}?watch=true`).status).toBe(429);
    stream.stop();
    server.stream(`${MAPS}?watch=true`);
  });
});
