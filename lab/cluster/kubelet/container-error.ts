/** Why a container cannot be made now. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  readonly code = 'CONTAINER';
  /** Kubernetes' word for it, which `kubectl get pods` shows as the Pod's state. */
  readonly reason: 'CreateContainerConfigError' | 'CreateContainerError' | 'ErrImagePull';

  constructor(reason: ContainerError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
