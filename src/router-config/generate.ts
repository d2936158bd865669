/** The configuration of one router in the language of one vendor. */
import type { Finding } from '../config/problem.ts';
import { formatIp } from '../net/ip.ts';
import type { NeighborGroup, Router } from './model.ts';
import { sizeOf } from './neighbors.ts';
import { placeholder } from './placeholder.ts';
import { type RouterRuleName, routerFinding } from './rules.ts';
import { textOfSections } from './section.ts';
import { evidenceText, type Vendor } from './vendors/vendor.ts';

export interface GenerateOptions {
  readonly vendor: Vendor;
  readonly showPasswords: boolean;
  /** Of the metallb.io objects. */
  readonly namespace: string;
}

export interface Generated {
  /** Null where one of the findings is an error. */
  readonly text: string | null;
  readonly findings: readonly Finding[];
}

/** Writes the configuration, or says why it cannot be written. */
export function generate(router: Router, { vendor, showPasswords, namespace }: GenerateOptions): Generated {
  const findings: Finding[] = [];
  const report = (rule: RouterRuleName, { peer }: NeighborGroup, path: Finding['path'], message: string): void => {
    findings.push(routerFinding(rule, { kind: 'BGPPeer', namespace, name: peer.name }, path, message));
  };
  const keys = new Map<NeighborGroup, string>();
  for (const group of router.groups)
    if (group.peer.holdTimeSeconds === 0 && !vendor.takesHoldTimeZero)
      report(
        'router-hold-time-unsupported',
        group,
        ['spec', 'holdTime'],
        `BGPPeer ${group.peer.name} has hold time 0, which cannot be configured on ${vendor.title}`,
      );
  for (const group of router.groups) {
    const { bfd, peer } = group;
    const { bfdMultihopTtl: ttl } = vendor;
    // At least one router between takes one off.
    if (ttl === null || bfd?.multihop !== true || bfd.minimumTtl < ttl) continue;
    report(
      'router-bfd-ttl-too-low',
      group,
      ['spec', 'bfdProfile'],
      `BFD of BGPPeer ${peer.name} does not come up: ${vendor.title} sends it over several hops with TTL ${ttl}, and BFDProfile ${bfd.profile} lets in ${bfd.minimumTtl} and more`,
    );
  }
  for (const group of router.groups) {
    const { authentication, name } = group.peer;
    if (authentication.type === 'none') continue;
    const path = ['spec', authentication.source.type === 'text' ? 'password' : 'passwordSecret'];
    if (!showPasswords) keys.set(group, placeholder(group));
    else if (authentication.source.type === 'secret' && authentication.source.absent === true)
      report(
        'router-key-unknown',
        group,
        path,
        `the key of BGPPeer ${name} is not known: Secret "${authentication.source.name}" is not among the objects`,
      );
    else {
      const key = authentication.key.reveal();
      const fault = vendor.keyFault(key);
      if (fault === null) keys.set(group, key);
      else
        report(
          'router-key-unwritable',
          group,
          path,
          `the key of BGPPeer ${name} cannot be written for ${vendor.title}: ${fault}`,
        );
    }
  }
  const [first] = router.groups;
  const { announcers, external, internal } = router.maximumPaths;
  const paths = Math.min(Math.max(external, internal), vendor.mostPaths);
  if (first !== undefined && announcers > paths && router.groups.every(({ neighbors }) => neighbors.type === 'listed'))
    report(
      'router-paths-limited',
      first,
      ['spec', 'nodeSelectors'],
      `${announcers} nodes may announce to ${formatIp(router.address)}, which shares traffic among ${paths} of them at most`,
    );
  if (findings.some(({ severity }) => severity === 'error')) return { text: null, findings };
  const sections = [
    { why: headOf(router, vendor, showPasswords), lines: [] },
    ...vendor.sections(router, (group) => keys.get(group) ?? null),
  ];
  return { text: textOfSections(sections, vendor.comment), findings };
}

function headOf(router: Router, vendor: Vendor, showPasswords: boolean): readonly string[] {
  const neighbors = router.groups.reduce((sum, group) => sum + sizeOf(group.neighbors), 0);
  const ranged = router.groups.some((group) => group.neighbors.type === 'range');
  const keyed = router.groups.some(({ peer }) => peer.authentication.type === 'md5');
  return [
    `Router ${formatIp(router.address)}, AS ${router.asn}, for ${vendor.title}: what MetalLB needs of it.`,
    `Made by metallb router-config. ${evidenceText(vendor.evidence)}.`,
    `${router.groups.map(({ peer }) => `BGPPeer ${peer.name}`).join(', ')}; ${ranged ? 'up to ' : ''}${neighbors} neighbors.`,
    ...(keyed && !showPasswords
      ? ['KEY-OF stands where a key belongs: put the key there, or use --show-passwords.']
      : []),
    ...router.groups.flatMap((group) =>
      group.untranslated.map(
        ({ advertisement, localPref, suggestion }) =>
          `BGPAdvertisement ${advertisement} asks for localPref ${localPref}, and none of its communities tells its routes: add ${suggestion} to spec.communities.`,
      ),
    ),
  ];
}
