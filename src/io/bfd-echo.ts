/** Echo packets of one session, as far as they are the world's business: their socket, and the link address that they go to. */
import type { EchoLink } from '../bfd/echo-path.ts';
import type { SocketProblem } from './bfd-messages.ts';
import { isSocketError, passesByItself } from './socket-error.ts';

/** A socket that sends Echo packets of an address over a link. */
export interface EchoSender {
  /** @throws {SocketError} */
  send(content: Uint8Array, linkAddress: Uint8Array): void;
  close(): void;
}

export interface SessionEchoDependencies {
  /** Null: there is no way for Echo packets. */
  readonly link: EchoLink | null;
  /** @throws {SocketError} */
  open(link: EchoLink): EchoSender;
  problemChanged(problem: SocketProblem | null): void;
  /** {@link SessionEcho.isReady} is another. */
  readyChanged(): void;
}

export class SessionEcho {
  readonly #deps: SessionEchoDependencies;
  #isWanted = false;
  #linkAddress: Uint8Array | null = null;
  #sender: EchoSender | null = null;
  #problem: SocketProblem | null = null;

  constructor(deps: SessionEchoDependencies) {
    this.#deps = deps;
  }

  /** Whether what is sent leaves. */
  get isReady(): boolean {
    return this.#sender !== null;
  }

  /** The neighbor's link address; another one counts from the next packet on. */
  reach(linkAddress: Uint8Array): void {
    this.#linkAddress = linkAddress;
    this.prepare();
  }

  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.prepare();
  }

  /** Opens or closes the socket, as it is to be. What has failed is tried again. */
  prepare(): void {
    const { link } = this.#deps;
    if (!this.#isWanted || this.#linkAddress === null || link === null) {
      this.#say(null);
      this.#set(null);
    } else if (this.#sender === null) {
      this.#trying(() => {
        this.#set(this.#deps.open(link));
        this.#say(null);
      });
    }
  }

  /** @returns whether it left. */
  send(content: Uint8Array): boolean {
    const [sender, linkAddress] = [this.#sender, this.#linkAddress];
    return sender !== null && linkAddress !== null && this.#trying(() => sender.send(content, linkAddress));
  }

  /** What cannot be sent says nothing of the path: without its socket there is no Echo function until there is another. */
  #trying(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (!isSocketError(error)) throw error;
      if (passesByItself(error)) return false;
      this.#say({ syscall: error.syscall, code: error.code });
      this.#set(null);
      return false;
    }
  }

  #say(problem: SocketProblem | null): void {
    if (problem?.code === this.#problem?.code && problem?.syscall === this.#problem?.syscall) return;
    this.#problem = problem;
    this.#deps.problemChanged(problem);
  }

  #set(sender: EchoSender | null): void {
    if (sender === this.#sender) return;
    this.#sender?.close();
    this.#sender = sender;
    this.#deps.readyChanged();
  }
}
