/** What a socket call of BFD may fail with: `libc.SystemError`, or a test's. */
import type { SocketProblem } from './bfd-messages.ts';

export type SocketError = Error & SocketProblem;

export const isSocketError = (error: unknown): error is SocketError =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** A queue that is full is emptied by itself. */
export const passesByItself = ({ code }: SocketProblem): boolean => code === 'EAGAIN' || code === 'ENOBUFS';
