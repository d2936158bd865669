/** The vendors that a configuration can be written for: one file each, and one line here. */
import { bird } from './bird.ts';
import { eos } from './eos.ts';
import { frr } from './frr.ts';
import { iosXe } from './ios-xe.ts';
import { junos } from './junos.ts';
import type { Vendor } from './vendor.ts';
import { vyos } from './vyos.ts';

export const VENDORS: readonly Vendor[] = [frr, bird, iosXe, vyos, junos, eos];
