/** An address and a TCP or UDP port. */
import { err, ok, type Result } from '../result.ts';
import { formatIp, type Ip, parseIp } from './ip.ts';

export interface SocketAddress {
  readonly ip: Ip;
  readonly port: number;
}

/** `192.0.2.1:179` or `[2001:db8::1]:179` (RFC 3986 section 3.2.2). */
export function parseSocketAddress(text: string): Result<SocketAddress, string> {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    return err(`"${text}" is not ADDRESS:PORT ([ADDRESS]:PORT for IPv6)`);
  const ip = parseIp(match[1] ?? match[2] ?? '');
  return ip.ok ? ok({ ip: ip.value, port }) : ip;
}

export const formatSocketAddress = ({ ip, port }: SocketAddress): string =>
  ip.family === 4 ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;
