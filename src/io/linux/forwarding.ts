/** Whether the kernel forwards packets, which is what sends a router's BFD Echo packets back to it (RFC 5881 section 4). */
import { readFileSync } from 'node:fs';

const IPV4_FORWARDING = '/proc/sys/net/ipv4/ip_forward';

/** False where it does not, or cannot be asked. */
export function forwardsIpv4(): boolean {
  try {
    return readFileSync(IPV4_FORWARDING, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
