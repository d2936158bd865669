/**
 * The flags and environment variables that MetalLB's controller and speaker take (metallb-behaviour 6.1), so that a pod's `args` and `env`
 * written for it start ours: each has its effect, or is accepted and logged with why it has none.
 *
 * Go's flag package knows `-name` and `--name`, `-name=value` and, but for booleans, `-name value`. {@link fromGoFlags} turns the first into the
 * second before commander sees them.
 */

export type Daemon = 'controller' | 'speaker';

interface MetallbFlag {
  readonly name: string;
  readonly of: readonly Daemon[];
  readonly boolean?: true;
  /** The environment variable that says the same. */
  readonly env?: string;
  /** Why it has no effect; absent where it has one, which the command knows. */
  readonly ignored?: string;
}

const BOTH: readonly Daemon[] = ['controller', 'speaker'];
const WEBHOOK =
  'the admission webhook is not running yet; the CRDs and the conditions of the objects say what is wrong';
const MEMBERLIST = 'there is no memberlist: speakers do not talk to each other';
const FRR = 'the BGP engine is built in: there is no FRR to configure';

/** By the order of MetalLB's own list. */
export const METALLB_FLAGS: readonly MetallbFlag[] = [
  { name: 'port', of: BOTH },
  { name: 'namespace', of: BOTH, env: 'METALLB_NAMESPACE' },
  { name: 'log-level', of: BOTH },
  { name: 'pprof-bind-address', of: BOTH, ignored: 'pprof is a profiler of Go programs' },
  { name: 'health-probe-port', of: BOTH },
  { name: 'lb-class', of: BOTH },
  { name: 'pod-name', of: BOTH, env: 'METALLB_POD_NAME' },
  { name: 'tls-min-version', of: BOTH },
  { name: 'tls-cipher-suites', of: BOTH },
  { name: 'tls-curve-preferences', of: BOTH },
  { name: 'metrics-cert-dir', of: BOTH },
  { name: 'ml-secret-name', of: ['controller'], env: 'METALLB_ML_SECRET_NAME', ignored: MEMBERLIST },
  { name: 'deployment', of: ['controller'], env: 'METALLB_DEPLOYMENT', ignored: MEMBERLIST },
  { name: 'disable-cert-rotation', of: ['controller'], boolean: true, ignored: WEBHOOK },
  { name: 'cert-dir', of: ['controller'], ignored: WEBHOOK },
  { name: 'cert-service-name', of: ['controller'], ignored: WEBHOOK },
  { name: 'webhook-mode', of: ['controller'] },
  { name: 'webhook-secret', of: ['controller'], ignored: WEBHOOK },
  { name: 'webhook-http2', of: ['controller'], boolean: true, ignored: WEBHOOK },
  { name: 'node-name', of: ['speaker'], env: 'METALLB_NODE_NAME' },
  { name: 'host', of: ['speaker'], env: 'METALLB_HOST', ignored: 'it has no effect in MetalLB either' },
  { name: 'ml-bindaddr', of: ['speaker'], env: 'METALLB_ML_BIND_ADDR', ignored: MEMBERLIST },
  { name: 'ml-bindport', of: ['speaker'], env: 'METALLB_ML_BIND_PORT', ignored: MEMBERLIST },
  { name: 'ml-labels', of: ['speaker'], env: 'METALLB_ML_LABELS', ignored: MEMBERLIST },
  { name: 'ml-secret-key-path', of: ['speaker'], env: 'METALLB_ML_SECRET_KEY_PATH', ignored: MEMBERLIST },
  { name: 'ml-wan-config', of: ['speaker'], boolean: true, ignored: MEMBERLIST },
  { name: 'ignore-exclude-lb', of: ['speaker'], boolean: true },
  {
    name: 'bgp-debounce-timeout',
    of: ['speaker'],
    env: 'METALLB_BGP_DEBOUNCE_TIMEOUT',
    ignored: 'changes are sent at once',
  },
  { name: 'frrk8s-namespace', of: ['speaker'], env: 'FRRK8S_NAMESPACE', ignored: FRR },
  { name: 'frrk8s-secret-passthrough', of: ['speaker'], boolean: true, ignored: FRR },
];

/** Variables without a flag. */
const METALLB_VARIABLES: Readonly<Record<string, string>> = {
  METALLB_BGP_TYPE: 'there is one BGP engine, which does what each of the modes can',
  FRR_LOGGING_LEVEL: FRR,
  FRR_CONFIG_FILE: FRR,
  FRR_RELOADER_PID_FILE: FRR,
};

const flagsOf = (daemon: Daemon): readonly MetallbFlag[] => METALLB_FLAGS.filter(({ of }) => of.includes(daemon));

/** The flags of a daemon that are accepted and have no effect, for its command to declare. */
export const ignoredFlagsOf = (daemon: Daemon): readonly MetallbFlag[] =>
  flagsOf(daemon).filter(({ ignored }) => ignored !== undefined);

/** A flag or variable that was given and has no effect. */
export interface Ignored {
  /** `--name`, or the variable's name. */
  readonly option: string;
  readonly why: string;
}

/**
 * What of a daemon's command line and environment has no effect, to be logged. Values are left out: nobody knows what is in them.
 *
 * @param given - whether a flag, by its name, was given on the command line.
 */
export function ignoredOptions(
  daemon: Daemon,
  given: (name: string) => boolean,
  env: Readonly<Record<string, string | undefined>>,
): readonly Ignored[] {
  const isSet = (variable: string): boolean => env[variable] !== undefined && env[variable] !== '';
  const found: Ignored[] = [];
  for (const { name, env: variable, ignored } of ignoredFlagsOf(daemon)) {
    if (ignored === undefined) continue;
    if (given(name)) found.push({ option: `--${name}`, why: ignored });
    else if (variable !== undefined && isSet(variable)) found.push({ option: variable, why: ignored });
  }
  for (const [variable, why] of Object.entries(METALLB_VARIABLES))
    if (isSet(variable)) found.push({ option: variable, why });
  return found;
}

/**
 * A command line in Go's manner as one in ours: `-name` becomes `--name`, and `--flag=true` or `--flag=false` of a boolean becomes the flag, or
 * nothing. What is behind `--` stays as it is.
 *
 * @param args - from the command's name on, which is kept.
 */
export function fromGoFlags(args: readonly string[]): readonly string[] {
  const [command, ...rest] = args;
  if (command !== 'controller' && command !== 'speaker') return args;
  const flags = new Map(flagsOf(command).map((flag) => [flag.name, flag]));
  const end = rest.indexOf('--');
  const ours = end < 0 ? rest : rest.slice(0, end);
  const turned = ours.flatMap((arg): readonly string[] => {
    const [, name, value] = /^--?([a-z][a-z0-9-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const flag = name === undefined ? undefined : flags.get(name);
    // No flag of a daemon has a short form but -h: a single dash is Go's manner for ours as well.
    if (flag === undefined) return [name === undefined ? arg : arg.replace(/^-?-/, '--')];
    if (flag.boolean && value !== undefined && /^(?:1|0|t|f|true|false)$/i.test(value))
      return /^(?:1|t|true)$/i.test(value) ? [`--${name}`] : [];
    return [value === undefined ? `--${name}` : `--${name}=${value}`];
  });
  return [command, ...turned, ...(end < 0 ? [] : rest.slice(end))];
}
