/** Why the binaries of Kubernetes cannot be had here; the message is for the user. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code = 'KUBERNETES_BUILD';
}
