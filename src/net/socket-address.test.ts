import { expect, it } from 'vitest';
import { formatSocketAddress, parseSocketAddress } from './socket-address.ts';

it.each(['192.0.2.1:179', '[2001:db8::1]:17900'])('reads %s and writes it back', (text) => {
  const parsed = parseSocketAddress(text);
  expect(parsed.ok && formatSocketAddress(parsed.value)).toBe(text);
});

it.each(['192.0.2.1', '192.0.2.1:0', '192.0.2.1:65536', '2001:db8::1:179', ':179', '[]:179', 'router:179'])(
  'refuses %s',
  (text) => expect(parseSocketAddress(text).ok).toBe(false),
);
