import { eventually, says, tells } from '../harness/bench.ts';
import type { Capability } from '../harness/capability.ts';
import { GobgpSubject } from '../harness/subject-gobgp.ts';

export const row: Capability = {
  title: 'our maxPrefixes exceeded by the peer',
  checks: {
    all: async (subject, bench) => {
      // GoBGP's configuration has no routes of its own.
      if (subject instanceof GobgpSubject)
        for (const prefix of ['203.0.113.0/26', '203.0.113.64/26', '203.0.113.128/26'])
          await subject.gobgp.gobgp('global', 'rib', 'add', prefix);
      await eventually(
        'the cause in our log',
        () => bench.log(subject.name),
        (lines) => lines.some(({ cause }) => cause === 'maxPrefixes'),
      );
    },
    frr: tells(/Notification received \(Cease\/Maximum Number of Prefixes Reached\)/),
    bird: tells(/Received: Maximum number of prefixes reached/),
    gobgp: says(/"Reason":"notification-received code 6\(cease\) subcode 1\(maximum number of prefixes reached\)"/),
    exabgp: tells(/"direction":"receive","notification":\{"code":6,"subcode":1,/),
  },
};
