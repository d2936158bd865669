import { describe, expect, it } from 'vitest';
import { START, TestServer } from '../testing/server.ts';
import type { LogLine, LogProvider } from './logs.ts';

const PODS = '/api/v1/namespaces/default/pods';

function serverWithLogs() {
  const server = new TestServer();
  const containers = [{ name: 'c', image: 'i' }];
  server.send('POST', PODS, { metadata: { name: 'p' }, spec: { containers } });
  server.send('POST', PODS, {
    metadata: { name: 'two' },
    spec: { containers: [...containers, { name: 'd', image: 'i' }] },
  });
  const lines: LogLine[] = [
    { time: START - 2000, text: 'one' },
    { time: START - 1000, text: 'two' },
    { time: START, text: 'drei ü' },
  ];
  const followers = new Set<(line: LogLine) => void>();
  const ends: (() => void)[] = [];
  const provider: LogProvider = {
    lines: ({ metadata }) => (metadata.name === 'p' ? lines : undefined),
    previousLines: () => null,
    follow: (_, __, onLine, onEnd) => {
      followers.add(onLine);
      ends.push(onEnd);
      return () => followers.delete(onLine);
    },
  };
  server.api.setLogs(provider);
  return { server, followers, ends, provider };
}

describe('the log of a pod', () => {
  it.each([
    ['', 'one\ntwo\ndrei ü\n'],
    ['tailLines=1', 'drei ü\n'],
    ['tailLines=0', ''],
    ['sinceSeconds=1', 'two\ndrei ü\n'],
    ['sinceTime=2026-01-01T00:00:00Z', 'drei ü\n'],
    ['timestamps=true&tailLines=1', '2026-01-01T00:00:00.000Z drei ü\n'],
    ['limitBytes=5', 'one\nt'],
    // The last letter has two octets, of which one fits.
    ['tailLines=1&limitBytes=6', 'drei '],
    ['container=c&tailLines=1', 'drei ü\n'],
  ])('with %s', (query, text) => {
    expect(serverWithLogs().server.send('GET', `${PODS}/p/log?${query}`).body.text).toBe(text);
  });

  it('is followed until the client goes', () => {
    const { server, followers } = serverWithLogs();
    const stream = server.stream(`${PODS}/p/log?follow=true&tailLines=1`);
    for (const follower of followers) follower({ time: START, text: 'more' });
    expect(stream.text()).toBe('drei ü\nmore\n');
    stream.stop();
    expect(followers.size).toBe(0);
  });

  it('ends for a follower with its container', () => {
    const { server, ends } = serverWithLogs();
    const stream = server.stream(`${PODS}/p/log?follow=true&tailLines=0`);
    expect(stream.ended).toBe(false);
    for (const end of ends) end();
    expect(stream.ended).toBe(true);
  });

  it('is that of the container before, when it is asked for', () => {
    const { server, provider } = serverWithLogs();
    server.api.setLogs({ ...provider, previousLines: () => [{ time: START, text: 'the last of it' }] });
    expect(server.send('GET', `${PODS}/p/log?previous=true&follow=true`).body.text).toBe('the last of it\n');
  });

  it.each([
    ['p', 'previous=true', 400, 'previous terminated container "c" in pod "p" not found'],
    ['two', '', 400, 'a container name must be specified for pod two, choose one of: [c d]'],
    ['p', 'container=x', 400, 'container x is not valid for pod p'],
    ['two', 'container=d', 501, 'no log of container "d"'],
    ['p', 'sinceTime=yesterday', 400, 'invalid sinceTime'],
    ['none', '', 404, 'pods "none" not found'],
  ])('of %s with %s is refused', (pod, query, status, message) => {
    const reply = serverWithLogs().server.send('GET', `${PODS}/${pod}/log?${query}`);
    expect(reply.status).toBe(status);
    expect(reply.body.message).toContain(message);
  });

  it('is all that there is of a running container', () => {
    const reply = serverWithLogs().server.send('POST', `${PODS}/p/exec?command=ls`);
    expect(reply).toMatchObject({ status: 501, body: { kind: 'Status', reason: 'NotImplemented' } });
  });
});
