/** What stands in a configuration where a key belongs that is not to be shown. */
import type { NeighborGroup } from './model.ts';
import { nameText } from './plain-text.ts';

/** Says whose key belongs here, and is no key. */
export function placeholder({ peer: { authentication, name } }: NeighborGroup): string {
  const source = authentication.type === 'md5' ? authentication.source : null;
  return source?.type === 'secret' ? `KEY-OF-SECRET-${nameText(source.name)}` : `KEY-OF-BGPPEER-${nameText(name)}`;
}
