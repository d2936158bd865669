/** The BFD packets that are mutated: those of the given vectors where they are there, and some of our own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authentication } from '../../src/bfd/authentication.ts';
import { AUTHENTICATION_TYPES } from '../../src/bfd/authentication-section.ts';
import { encodeControlPacket, MAX_LENGTH } from '../../src/bfd/packet.ts';
import { THEIRS } from '../../src/bfd/testing/scripted-peer.ts';
import { Secret } from '../../src/secret.ts';
import { hex } from '../../src/wire/hex.ts';
import { ByteWriter } from '../../src/wire/writer.ts';

/** One of each kind of authentication, with another key than the sessions have, and one without. */
function own(): Uint8Array[] {
  return [null, ...AUTHENTICATION_TYPES].map((type) => {
    const keys = [{ id: 1, secret: new Secret('sawfish') }];
    const authentication = type === null ? null : new Authentication({ type, keys, sendKeyId: 1 }, () => 0, null);
    const w = new ByteWriter(MAX_LENGTH);
    encodeControlPacket(w, { ...THEIRS, yourDiscriminator: 0 }, authentication?.sectionLength ?? 0);
    authentication?.sign(w);
    return w.toBytes();
  });
}

/** @param folder - where `bfd.jsonl` may be. */
export function bfdCorpusOf(folder: string): { readonly packets: readonly Uint8Array[]; readonly vectors: number } {
  const file = join(folder, 'bfd.jsonl');
  const given = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => hex((JSON.parse(line) as { readonly hex: string }).hex))
    : [];
  return { packets: [...own(), ...given], vectors: given.length };
}
