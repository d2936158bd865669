/**
 * BFD for one BGP session, as long as its peer is configured: where it runs, with which parameters, and what its changes mean for the BGP session.
 *
 * It is told as AdminDown until the BGP session is first Established, as routers begin theirs then: FRR 8.4 makes its BFD session anew at that moment, and
 * takes one that was Up before for a failure. With `strictBFD` BGP waits for BFD, which so begins at once; and since a router may wait likewise, BFD begins after a while
 * in any case.
 *
 * Which path it takes is known when the kernel has told its links and a route, and may become another with either; then the session is made anew there. Parameters
 * are negotiated in the session that is (RFC 5880 section 6.8.3).
 */
import { isDeepStrictEqual } from 'node:util';
import type { SessionStatus, StateChange } from '../../bfd/session.ts';
import type { State } from '../../bfd/state.ts';
import type { BfdProfile } from '../../config/bfd-profile.ts';
import type { BfdHandle, SocketProblem } from '../../io/bfd-driver.ts';
import { sessionConfigOf } from '../../io/bfd-profile.ts';
import type { LinkMonitor } from '../../io/linux/link-monitor.ts';
import type { Attachment } from '../../io/linux/link-table.ts';
import type { Logger } from '../../io/logger.ts';
import { formatIp, type Ip } from '../../net/ip.ts';
import type { Clock } from '../../time/clock.ts';
import { type BfdCause, bfdCauseOf, describeChange } from './bfd-cause.ts';
import type { EchoView } from './bfd-echo.ts';
import { BfdWatch } from './bfd-effect.ts';
import { type BfdPath, bfdPathOf, pathText } from './bfd-path.ts';
import type { BfdRunner } from './bfd-sessions.ts';
import { EchoReport } from './echo-report.ts';

/** How often a route is looked for where there is none. */
const ROUTE_RETRY_MS = 2_000;
/** How long BFD waits for BGP. */
const PATIENCE_MS = 10_000;

/** What is fixed for the life of the BGP session. */
export interface BfdEndpoint {
  /** As the manifest names the router. */
  readonly peerAddress: string;
  /** Where packets go. */
  readonly remote: Ip;
  /** Null: the kernel's choice by route, or the address of the BGP connection. */
  readonly source: Ip | null;
  readonly ebgpMultiHop: boolean;
  /** Addresses of this machine stand for those of others, which have BFD as well. */
  readonly isStandIn: boolean;
}

/** What BFD of all sessions needs. */
export interface BfdSurroundings {
  readonly clock: Clock;
  readonly bfd: BfdRunner;
  readonly links: LinkMonitor | null;
  readonly localAddressTowards: (remote: Ip) => Ip | null;
  /** Whether this node sends a router's Echo packets back. */
  readonly returnsEcho: (remote: Ip) => boolean;
}

export interface BfdListener {
  log(): Logger;
  /** The path is gone. */
  failed(detail: string): void;
  /** The path is there: nobody needs to wait. */
  recovered(): void;
  /** Its state is another, or its cause. */
  changed(): void;
}

/** What is said of a session. */
export interface BfdView {
  readonly profile: BfdProfile;
  /** Null as long as it is not known where it runs. */
  readonly path: BfdPath | null;
  readonly state: State;
  readonly secondsInState: number;
  /** Null while it is Up. */
  readonly cause: BfdCause | null;
  /** Null where nothing was reported yet. */
  readonly status: SessionStatus | null;
  /** Null where the profile asks for none. */
  readonly echo: EchoView | null;
}

interface Running {
  readonly at: BfdPath;
  readonly handle: BfdHandle;
  /** The link of a single hop, to be told of its loss. */
  readonly attachment: Attachment | null;
}

export class SessionBfd {
  readonly #endpoint: BfdEndpoint;
  readonly #surroundings: BfdSurroundings;
  readonly #listener: BfdListener;
  readonly #echo: EchoReport;
  #profile: BfdProfile | null = null;
  /** Until BGP is first up, BFD is to be first, or patience is over. */
  #waitsForBgp = true;
  #impatient: (() => void) | undefined;
  #hasBegun = false;
  #running: Running | null = null;
  #connectedFrom: Ip | null = null;
  #unwatch: (() => void) | undefined;
  #retry: (() => void) | undefined;
  #watch = new BfdWatch();
  #problem: SocketProblem | null = null;
  #refused: string | null = null;
  #lastChange: StateChange | null = null;
  #since: number;
  #linkIsLost = false;
  #causeSaid: string | null = null;

  constructor(endpoint: BfdEndpoint, surroundings: BfdSurroundings, listener: BfdListener) {
    this.#endpoint = endpoint;
    this.#surroundings = surroundings;
    this.#listener = listener;
    this.#since = surroundings.clock.now();
    this.#echo = new EchoReport({
      log: () => listener.log(),
      facts: () => this.#echoFacts,
      changed: () => {
        surroundings.bfd.refreshSoon(this.#reported);
        listener.changed();
      },
    });
  }

  /** Null: without BFD. */
  get view(): BfdView | null {
    const profile = this.#profile;
    if (profile === null) return null;
    const { clock } = this.#surroundings;
    return {
      profile,
      path: this.#running?.at ?? null,
      state: this.state,
      secondsInState: (clock.now() - this.#since) / 1_000,
      cause: this.#cause,
      status: this.#status,
      echo: this.#echo.view,
    };
  }

  get state(): State {
    return this.#running?.handle.state ?? 'Down';
  }

  /** Another profile is negotiated; none ends BFD, and leaves the BGP session alone. @param isStrict - the BGP session waits for it. */
  configure(profile: BfdProfile | null, isStrict: boolean): void {
    const before = this.#profile;
    this.#profile = profile;
    if (isStrict) this.#waitNoMore();
    if (isDeepStrictEqual(profile, before)) return;
    if (profile === null || before === null || this.#running === null) {
      if (profile === null) this.#end();
      else if (this.#hasBegun) this.#begin();
      return;
    }
    this.#place();
    const { remote } = this.#endpoint;
    const running = this.#running;
    running?.handle.update(sessionConfigOf(profile, running.at.path, this.#surroundings.returnsEcho(remote)));
    this.#surroundings.bfd.refreshSoon(this.#reported);
  }

  start(): void {
    this.#hasBegun = true;
    this.#impatient = this.#surroundings.clock.after(PATIENCE_MS, () => this.#waitNoMore());
    if (this.#profile !== null) this.#begin();
  }

  stop(): void {
    this.#hasBegun = false;
    this.#impatient?.();
    this.#end();
  }

  /** The BGP session is Established. @param from - the address of ours that it has; null where that was known before. */
  established(from: Ip | null): void {
    this.#waitNoMore();
    if (from === null) return;
    this.#connectedFrom = from;
    if (this.#hasBegun && this.#profile !== null) this.#place();
  }

  #waitNoMore(): void {
    if (!this.#waitsForBgp) return;
    this.#waitsForBgp = false;
    this.#running?.handle.enable();
  }

  #begin(): void {
    this.#unwatch ??= this.#surroundings.links?.watch(() => this.#linksChanged());
    this.#place();
  }

  #end(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#retry?.();
    this.#retry = undefined;
    this.#leave();
  }

  #leave(): void {
    if (this.#running === null) return;
    this.#running.handle.remove();
    this.#running = null;
    this.#watch = new BfdWatch();
    this.#problem = null;
    this.#refused = null;
    this.#echo.reset();
    this.#lastChange = null;
    this.#causeSaid = null;
    this.#since = this.#surroundings.clock.now();
  }

  /** What was known of our address may be over. */
  #placeAnew(): void {
    if (this.#linkIsLost || this.#problem !== null) this.#connectedFrom = null;
    this.#place();
  }

  /** Runs the session where it has to be, if that is known. */
  #place(): void {
    this.#retry?.();
    this.#retry = undefined;
    const at = this.#pathNow();
    if (at === null) {
      // What runs goes on: that there is no route at the moment is for its Detection Time to say.
      if (this.#running === null) this.#retry = this.#surroundings.clock.after(ROUTE_RETRY_MS, () => this.#place());
      return;
    }
    if (this.#running !== null && pathText(this.#running.at) === pathText(at)) return;
    this.#leave();
    this.#run(at);
  }

  #pathNow(): BfdPath | null {
    const { links, localAddressTowards } = this.#surroundings;
    const { remote, source, ebgpMultiHop } = this.#endpoint;
    const table = links?.table ?? null;
    if (this.#profile === null || table?.isComplete === false) return null;
    const local = source ?? this.#connectedFrom ?? localAddressTowards(remote);
    return local === null ? null : bfdPathOf(this.#profile, { remote, local, ebgpMultiHop }, table);
  }

  #run(at: BfdPath): void {
    const profile = this.#profile;
    if (profile === null) return;
    const { bfd, links, returnsEcho } = this.#surroundings;
    const { remote, isStandIn } = this.#endpoint;
    const { path } = at;
    const config = sessionConfigOf(profile, path, returnsEcho(remote));
    const attachment =
      path.type === 'singleHop' && path.local !== null ? (links?.table.attachment(path.local, remote) ?? null) : null;
    const handle = bfd.add(
      { ...at, onOwnAddress: isStandIn, config },
      {
        stateChanged: (change) => this.#stateChanged(change),
        problem: (problem) => {
          this.#problem = problem;
          this.#sayCause();
        },
        refused: (because) => {
          this.#refused = because;
          this.#sayCause();
        },
        echo: {
          stateChanged: (state) => this.#echo.stateChanged(state),
          problem: (problem) => this.#echo.problemChanged(problem),
        },
      },
    );
    this.#running = { at, handle, attachment };
    if (this.#waitsForBgp) handle.disable();
    this.#linkIsLost = false;
    this.#listener.log().info(
      {
        event: 'bfdStarting',
        profile: profile.name,
        type: path.type,
        interface: at.device,
        localAddress: path.local === null ? null : formatIp(path.local),
      },
      'BFD session starting',
    );
  }

  #stateChanged(change: StateChange): void {
    const { clock, bfd } = this.#surroundings;
    const now = clock.now();
    this.#lastChange = change;
    this.#since = now;
    const effect = this.#watch.changed(change, now);
    bfd.refreshSoon(this.#reported);
    const fields = { from: change.from, state: change.to };
    if (change.to === 'Up') {
      this.#causeSaid = null;
      this.#listener.log().info({ event: 'bfdUp', ...fields }, 'BFD session is Up');
    } else if (change.from === 'Up') {
      const cause = this.#cause;
      this.#causeSaid = cause?.message ?? null;
      this.#listener.log().warn(
        {
          event: 'bfdDown',
          ...fields,
          diagnostic: describeChange(change),
          cause: cause?.cause ?? null,
          error: cause?.message ?? null,
          help: cause?.help ?? null,
          endsSession: effect === 'endSession',
        },
        'BFD session went down',
      );
    } else this.#listener.log().debug({ event: 'bfdState', ...fields }, 'BFD session state');
    if (effect === 'endSession') this.#listener.failed(describeChange(change));
    else if (effect === 'retrySession') this.#listener.recovered();
    this.#listener.changed();
    if (change.to === 'Down') this.#placeAnew();
  }

  /** A session that cannot send or be: said once for each reason. */
  #sayCause(): void {
    const cause = this.#cause;
    const isFault = this.#problem !== null || this.#refused !== null;
    if (cause !== null && isFault && cause.message !== this.#causeSaid) {
      this.#causeSaid = cause.message;
      this.#listener
        .log()
        .warn({ event: 'bfdProblem', cause: cause.cause, error: cause.message, help: cause.help }, 'BFD has a problem');
    }
    this.#listener.changed();
  }

  get #echoFacts() {
    if (this.#profile?.echoMode !== true) return null;
    const { peerAddress } = this.#endpoint;
    return { peerAddress, path: this.#running?.at.path ?? null, state: this.state, status: this.#status };
  }

  #linksChanged(): void {
    const { links } = this.#surroundings;
    const running = this.#running;
    const loss = running?.attachment != null ? (links?.table.loss(running.attachment) ?? null) : null;
    if (loss !== null && !this.#linkIsLost) running?.handle.pathDown();
    this.#linkIsLost = loss !== null;
    // One that is Up is to be heard going down first.
    if (loss === null || this.state !== 'Up') this.#placeAnew();
  }

  readonly #reported = (): void => {
    if (this.#running !== null) this.#listener.changed();
  };

  get #status(): SessionStatus | null {
    return this.#running === null ? null : this.#surroundings.bfd.statusOf(this.#running.handle.id);
  }

  get #cause(): BfdCause | null {
    return bfdCauseOf({
      peerAddress: this.#endpoint.peerAddress,
      passive: this.#profile?.passiveMode ?? false,
      waitsForBgp: this.#waitsForBgp,
      path: this.#running?.at.path ?? null,
      state: this.state,
      problem: this.#problem,
      refused: this.#refused,
      status: this.#status,
      lastChange: this.#lastChange,
    });
  }
}
