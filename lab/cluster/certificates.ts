/**
 * The certificates between API server and kubelets: one authority, a client certificate for the API server, a serving certificate per kubelet.
 *
 * Made by openssl, since Node.js reads certificates but makes none. They last longer than any run of the lab.
 */
import { join } from 'node:path';
import { run } from '../run.ts';

/** Two files, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const DAYS = '30';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

export class CertificateAuthority {
  /** The file that whoever trusts it reads. */
  readonly certificate: string;
  readonly #key: string;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.certificate = join(directory, 'ca.crt');
    this.#key = join(directory, 'ca.key');
  }

  static async create(directory: string, name: string): Promise<CertificateAuthority> {
    const authority = new CertificateAuthority(directory);
    const files = ['-keyout', authority.#key, '-out', authority.certificate];
    await run(['openssl', 'req', '-x509', ...EC_KEY, '-days', DAYS, '-subj', `/CN=${name}`, ...files]);
    return authority;
  }

  /** @param subject - `/O=group/CN=user`. */
  issueClient(name: string, subject: string): Promise<KeyPair> {
    return this.#issue(name, subject, ['extendedKeyUsage=clientAuth']);
  }

  issueServer(name: string, subject: string, addresses: readonly string[]): Promise<KeyPair> {
    const names = addresses.map((address) => `IP:${address}`).join(',');
    return this.#issue(name, subject, ['extendedKeyUsage=serverAuth', `subjectAltName=${names}`]);
  }

  async #issue(name: string, subject: string, extensions: readonly string[]): Promise<KeyPair> {
    const pair = { certificate: join(this.#directory, `${name}.crt`), key: join(this.#directory, `${name}.key`) };
    const added = ['basicConstraints=critical,CA:FALSE', ...extensions].flatMap((text) => ['-addext', text]);
    const signer = ['-CA', this.certificate, '-CAkey', this.#key];
    const files = ['-keyout', pair.key, '-out', pair.certificate];
    await run(['openssl', 'req', '-x509', ...EC_KEY, '-days', DAYS, '-subj', subject, ...signer, ...added, ...files]);
    return pair;
  }
}
