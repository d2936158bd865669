/**
 * How connections to the API server are secured. The authorities and the client's certificate are looked at for each connection, since files are
 * exchanged while a daemon runs; they are parsed where they differ from those before, which takes milliseconds.
 */
import type { AgentOptions } from 'node:https';
import type { createSecureContext, SecureContext } from 'node:tls';
import type { ClusterAccess } from './cluster-access.ts';

type Credentials = Pick<ClusterAccess, 'ca' | 'clientCertificate' | 'insecureSkipTlsVerify' | 'tlsServerName'>;

export class TlsOptions {
  readonly #access: Credentials;
  readonly #createSecureContext: typeof createSecureContext;
  #parsed: { readonly text: string; readonly secureContext: SecureContext } | null = null;
  #generation = 0;

  constructor(access: Credentials, create: typeof createSecureContext) {
    this.#access = access;
    this.#createSecureContext = create;
  }

  /** @throws where a file cannot be read, or holds no certificate or key */
  current(): AgentOptions {
    const { clientCertificate, insecureSkipTlsVerify, tlsServerName } = this.#access;
    const ca = this.#access.ca();
    const pair =
      clientCertificate === null ? null : { cert: clientCertificate.cert, key: clientCertificate.key.reveal() };
    const text = JSON.stringify([ca, pair]);
    if (this.#parsed?.text !== text) {
      const secureContext = this.#createSecureContext({ ...(ca === null ? {} : { ca }), ...pair });
      this.#parsed = { text, secureContext };
      this.#generation++;
    }
    return {
      secureContext: this.#parsed.secureContext,
      // Part of the name under which an agent keeps connections: those that were made with other credentials are not used again.
      sessionIdContext: String(this.#generation),
      ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      ...(tlsServerName === null ? {} : { servername: tlsServerName }),
    };
  }
}
