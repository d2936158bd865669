/**
 * Where a peer's MD5 key comes from (docs/decisions.md 2 and 3).
 *
 * `password` is the name of a Secret where one of that name has a key `password`; otherwise it is the key itself. `passwordSecret` is
 * always a name. An empty key is never used, and a key that the kernel would refuse (more than 80 bytes, TCP_MD5SIG_MAXKEYLEN) is refused
 * here. Manifests without any Secret are taken for a part of what is in the cluster (docs/plan.md). While the process runs, a Secret that goes leaves its key in force. No message ever quotes `password`: it may be the key.
 */
import type { KeySecret } from '../cluster/secret.ts';
import { Secret } from '../secret.ts';
import type { Authentication, Peer } from './peer.ts';
import { type FieldPath, type Problem, problem } from './problem.ts';

/** The two fields of a peer that are about its key. */
export interface KeyFields {
  readonly password?: string | undefined;
  readonly passwordSecret?: { readonly name?: string | undefined; readonly namespace?: string | undefined } | undefined;
}

/** What is known of Secrets. */
export interface KeyContext {
  /** The namespace in which Secrets are looked up. */
  readonly namespace: string;
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, KeySecret>;
  /** The peer as it was, if the process has known it already. */
  readonly previous: Peer | undefined;
  /** Whether a Secret that is not there may well exist in the cluster: the manifests have none of the namespace at all. */
  readonly secretsMayBeElsewhere?: boolean | undefined;
}

const MAX_KEY_BYTES = 80;
const NAMED_TYPES = ['kubernetes.io/basic-auth', 'Opaque'];
const NONE: Authentication = { type: 'none' };

/** Resolves the key; problems are added to `problems`. */
export function resolveKey(fields: KeyFields, context: KeyContext, problems: Problem[]): Authentication {
  const { password, passwordSecret } = fields;
  const at = ['spec', 'passwordSecret', 'name'];
  const named = passwordSecret?.name ?? '';
  if (password !== undefined && password !== '' && named !== '') {
    problems.push(
      problem('conflicting-fields', ['spec', 'passwordSecret'], 'both password and passwordSecret are set'),
    );
    return NONE;
  }
  if (password === '') {
    const message = 'spec.password is empty: the session has no authentication from it';
    const help = 'name a Secret, or remove the field';
    problems.push(problem('empty-password', ['spec', 'password'], message, { help, severity: 'warning' }));
  }
  if (named !== '') {
    const other = passwordSecret?.namespace ?? '';
    if (other !== '' && other !== context.namespace) {
      const message = `the Secret is looked up in namespace "${context.namespace}", not in "${other}"`;
      problems.push(problem('secret-namespace', ['spec', 'passwordSecret', 'namespace'], message));
    }
    return fromNamedSecret(named, at, context, problems);
  }
  return password === undefined || password === '' ? NONE : fromPassword(password, context, problems);
}

function fromPassword(password: string, context: KeyContext, problems: Problem[]): Authentication {
  const at = ['spec', 'password'];
  const secret = context.secrets.get(`${context.namespace}/${password}`);
  if (secret?.key.type === 'present') return usable(secret.key.secret, password, at, problems);
  if (secret?.key.type === 'unreadable') {
    problems.push(problem('bad-secret', at, 'the key "password" of the Secret that it names cannot be read'));
    return NONE;
  }
  const kept = keptKey(password, at, context, problems);
  if (kept !== undefined) return kept;
  const why =
    secret === undefined
      ? `no Secret of that name exists in namespace "${context.namespace}"`
      : 'the Secret of that name has no key "password"';
  problems.push(problem('plain-text-password', at, `${why}: the text of spec.password itself is the MD5 key`));
  return usable(new Secret(password), null, at, problems);
}

function fromNamedSecret(name: string, at: FieldPath, context: KeyContext, problems: Problem[]): Authentication {
  const secret = context.secrets.get(`${context.namespace}/${name}`);
  if (secret === undefined) {
    const kept = keptKey(name, at, context, problems);
    if (kept !== undefined) return kept;
    if (context.secretsMayBeElsewhere === true) {
      const message = `Secret "${name}" is not among the objects: the session's key is not known here`;
      const help = 'include the Secret, or ignore this: it may exist in the cluster';
      problems.push(problem('secret-not-found', at, message, { help, severity: 'warning' }));
      return { type: 'md5', key: new Secret(''), source: { type: 'secret', name, absent: true } };
    }
    problems.push(
      problem('secret-not-found', at, `Secret "${name}" does not exist in namespace "${context.namespace}"`),
    );
    return NONE;
  }
  if (!NAMED_TYPES.includes(secret.type)) {
    const message = `Secret "${name}" is of type ${secret.type}, not of ${NAMED_TYPES.join(' or ')}`;
    problems.push(problem('bad-secret', at, message));
    return NONE;
  }
  if (secret.key.type !== 'present') {
    const fault = secret.key.type === 'absent' ? 'has no key "password"' : 'has a key "password" that cannot be read';
    problems.push(problem('bad-secret', at, `Secret "${name}" ${fault}`));
    return NONE;
  }
  return usable(secret.key.secret, name, at, problems);
}

/** The key of a Secret that has gone, where the peer has run with it. */
function keptKey(name: string, at: FieldPath, context: KeyContext, problems: Problem[]): Authentication | undefined {
  const before = context.previous?.authentication;
  if (before?.type !== 'md5' || before.source.type !== 'secret' || before.source.name !== name) return undefined;
  if (before.source.absent === true) return undefined;
  problems.push(
    problem('secret-gone', at, 'the Secret with the MD5 key is gone: the session goes on with the key that it had'),
  );
  return before;
}

/** Judges the key itself. `source` is the Secret's name, or null where the key is the text of `spec.password`. */
function usable(key: Secret, source: string | null, at: FieldPath, problems: Problem[]): Authentication {
  const text = key.reveal();
  const bytes = new TextEncoder().encode(text).length;
  if (bytes === 0) problems.push(problem('empty-password', at, 'the MD5 key is empty: it is not used'));
  else if (bytes > MAX_KEY_BYTES)
    problems.push(problem('password-too-long', at, `the MD5 key is longer than ${MAX_KEY_BYTES} bytes`));
  else if (text.endsWith('\n'))
    problems.push(problem('password-whitespace', at, 'the MD5 key ends in a line break, which is part of it'));
  return {
    type: 'md5',
    key,
    source: source === null ? { type: 'text' } : { type: 'secret', name: source },
  };
}
