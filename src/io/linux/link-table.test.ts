import { expect, it } from 'vitest';
import { type Ip, parseIp } from '../../net/ip.ts';
import { type Prefix, parsePrefix } from '../../net/prefix.ts';
import { LinkTable } from './link-table.ts';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const NODE = ip('192.0.2.10');
const ROUTER = ip('192.0.2.1');
const link = (up: boolean) => ({ type: 'link' as const, index: 2, name: 'eth0', up });
const address = (type: 'address' | 'addressGone' = 'address', usable = true) => ({
  type,
  index: 2,
  address: NODE,
  network: prefix('192.0.2.0/24'),
  usable,
});

function table(): LinkTable {
  const made = new LinkTable();
  made.begin();
  made.apply(link(true));
  made.apply(address());
  made.complete();
  return made;
}

it('knows which connections run over a link, and not those that a router carries on', () => {
  const links = table();
  expect(links.attachment(NODE, ROUTER)).toEqual({ index: 2, name: 'eth0', address: NODE });
  expect(links.attachment(NODE, ip('198.51.100.1'))).toBeNull();
  expect(links.attachment(ip('192.0.2.11'), ROUTER)).toBeNull();
});

it.each([
  ['its carrier', link(false), 'interface eth0 has no carrier or is switched off'],
  ['its address', address('addressGone'), 'interface eth0 has no address 192.0.2.10 any more'],
  ['itself', { type: 'linkGone' as const, index: 2 }, 'interface eth0 is gone'],
])('says what a link has lost: %s', (_, message, loss) => {
  const links = table();
  const attachment = links.attachment(NODE, ROUTER);
  if (attachment === null) throw new Error('not attached');
  expect(links.loss(attachment)).toBeNull();
  expect(links.apply(message)).toBeNull();
  expect(links.loss(attachment)).toBe(loss);
  expect(links.reaches(2, ROUTER)).toBe(false);
});

it('names the link that came up, or got an address that can be used, once', () => {
  const links = table();
  links.apply(link(false));
  expect([links.apply(link(true)), links.apply(link(true))]).toEqual([2, null]);
  expect(links.reaches(2, ROUTER)).toBe(true);
  links.apply(address('addressGone'));
  expect([links.apply(address('address', false)), links.reaches(2, ROUTER)]).toEqual([null, false]);
  expect([links.apply(address()), links.apply(address())]).toEqual([2, null]);
});

it('judges nothing while it is told everything anew', () => {
  const links = table();
  const attachment = links.attachment(NODE, ROUTER);
  if (attachment === null) throw new Error('not attached');
  links.begin();
  links.apply(link(true));
  expect([links.loss(attachment), links.attachment(NODE, ROUTER)]).toEqual([null, null]);
  links.complete();
  expect(links.loss(attachment)).toBe('interface eth0 has no address 192.0.2.10 any more');
});
