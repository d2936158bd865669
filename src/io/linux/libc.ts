/**
 * The C library's socket calls, through koffi: the only file that knows koffi.
 *
 * Node's own sockets have no TCP_MD5SIG, no TTL security, no packet sockets. These thin calls take and return plain numbers and octets;
 * what the octets mean is `sockaddr.ts`' and `sockopt.ts`' business. Every failing call throws a {@link SystemError}.
 */
import koffi from 'koffi';

const libc = koffi.load(null); // the process's own symbols: glibc and musl alike

const call = {
  socket: libc.func('int socket(int, int, int)'),
  setsockopt: libc.func('int setsockopt(int, int, int, const void *, uint32_t)'),
  getsockopt: libc.func('int getsockopt(int, int, int, void *, void *)'),
  bind: libc.func('int bind(int, const void *, uint32_t)'),
  connect: libc.func('int connect(int, const void *, uint32_t)'),
  listen: libc.func('int listen(int, int)'),
  accept4: libc.func('int accept4(int, void *, void *, int)'),
  recv: libc.func('intptr_t recv(int, void *, uintptr_t, int)'),
  send: libc.func('intptr_t send(int, const void *, uintptr_t, int)'),
  sendto: libc.func('intptr_t sendto(int, const void *, uintptr_t, int, const void *, uint32_t)'),
  getsockname: libc.func('int getsockname(int, void *, void *)'),
  recvmmsg: libc.func('int recvmmsg(int, void *, uint32_t, int, void *)'),
  close: libc.func('int close(int)'),
  pthreadSelf: libc.func('uintptr_t pthread_self()'),
  pthreadGetschedparam: libc.func('int pthread_getschedparam(uintptr_t, void *, void *)'),
  pthreadSetschedparam: libc.func('int pthread_setschedparam(uintptr_t, int, const void *)'),
};

const NAME_OF_ERRNO = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

const EAGAIN = 11;
const EINPROGRESS = 115;

/** A system call that failed, with the kernel's error by name (`EADDRINUSE`). */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;
  readonly syscall: string;

  constructor(syscall: string, code: string) {
    super(`${syscall}: ${code}`);
    this.syscall = syscall;
    this.code = code;
  }
}

/** The name of an error number, `E111` where it has none. */
export const errnoName = (errno: number): string => NAME_OF_ERRNO.get(errno) ?? `E${errno}`;

function checked(syscall: string, result: number): number {
  if (result < 0) throw new SystemError(syscall, errnoName(koffi.errno()));
  return result;
}

/** @throws {SystemError} */
export const socket = (domain: number, type: number, protocol: number): number =>
  checked('socket', call.socket(domain, type, protocol));

/** @throws {SystemError} */
export function setsockopt(fd: number, level: number, option: number, value: Uint8Array, what: string): void {
  checked(`setsockopt(${what})`, call.setsockopt(fd, level, option, value, value.length));
}

/** @throws {SystemError} */
export function getsockoptInt(fd: number, level: number, option: number, what: string): number {
  const value = new Int32Array(1);
  checked(`getsockopt(${what})`, call.getsockopt(fd, level, option, value, new Uint32Array([4])));
  return value[0] as number;
}

/**
 * The octets of an option that is none of the usual numbers; none where there are none.
 *
 * @throws {SystemError}
 */
export function getsockoptBytes(fd: number, level: number, option: number, maximum: number, what: string): Uint8Array {
  const value = new Uint8Array(maximum);
  const length = new Uint32Array([maximum]);
  checked(`getsockopt(${what})`, call.getsockopt(fd, level, option, value, length));
  return value.subarray(0, Math.min(length[0] as number, maximum));
}

/** @throws {SystemError} */
export function bind(fd: number, address: Uint8Array): void {
  checked('bind', call.bind(fd, address, address.length));
}

/**
 * Connects; a non-blocking socket may still be at it.
 *
 * @throws {SystemError}
 */
export function connect(fd: number, address: Uint8Array): 'connected' | 'inProgress' {
  if (call.connect(fd, address, address.length) === 0) return 'connected';
  const errno = koffi.errno();
  if (errno === EINPROGRESS) return 'inProgress';
  throw new SystemError('connect', errnoName(errno));
}

/** @throws {SystemError} */
export function listen(fd: number, backlog: number): void {
  checked('listen', call.listen(fd, backlog));
}

/**
 * Takes a connection that came in, with the raw `struct sockaddr` of its other end; null where none waits.
 *
 * @param flags - SOCK_NONBLOCK, SOCK_CLOEXEC.
 * @throws {SystemError}
 */
export function accept(fd: number, flags: number): { readonly fd: number; readonly address: Uint8Array } | null {
  const address = new Uint8Array(128);
  const accepted = call.accept4(fd, address, new Uint32Array([address.length]), flags);
  if (accepted >= 0) return { fd: accepted, address };
  const errno = koffi.errno();
  if (errno === EAGAIN) return null;
  throw new SystemError('accept4', errnoName(errno));
}

/**
 * What arrived, as a view of the buffer; null where nothing waits. Of a datagram that is longer than the buffer the rest is lost.
 *
 * @throws {SystemError}
 */
export function receive(fd: number, buffer: Uint8Array): Uint8Array | null {
  const length = Number(call.recv(fd, buffer, buffer.length, 0));
  if (length >= 0) return buffer.subarray(0, length);
  const errno = koffi.errno();
  if (errno === EAGAIN) return null;
  throw new SystemError('recv', errnoName(errno));
}

/** @throws {SystemError} */
export function send(fd: number, bytes: Uint8Array): void {
  checked('send', Number(call.send(fd, bytes, bytes.length, 0)));
}

/** @throws {SystemError} */
export function sendTo(fd: number, bytes: Uint8Array, address: Uint8Array): void {
  checked('sendto', Number(call.sendto(fd, bytes, bytes.length, 0, address, address.length)));
}

/**
 * The raw `struct sockaddr` of the local end.
 *
 * @throws {SystemError}
 */
export function getsockname(fd: number): Uint8Array {
  const address = new Uint8Array(128);
  checked('getsockname', call.getsockname(fd, address, new Uint32Array([address.length])));
  return address;
}

/** Where octets lie, for structures that point to others. Those of typed arrays of up to 64 octets may be moved about: no address of such is worth anything. */
export const addressOf = (bytes: Uint8Array<ArrayBuffer>): bigint => koffi.address(bytes);

/**
 * Receives datagrams into an array of so many `struct mmsghdr`; how many came, 0 where none waits.
 *
 * @throws {SystemError}
 */
export function receiveMessages(fd: number, headers: Uint8Array, count: number): number {
  const received = call.recvmmsg(fd, headers, count, 0, null);
  if (received >= 0) return received;
  const errno = koffi.errno();
  if (errno === EAGAIN) return 0;
  throw new SystemError('recvmmsg', errnoName(errno));
}

const SCHED_RR = 2;

/**
 * Puts the calling thread before every other that has no real-time priority (sched(7)).
 *
 * @param priority - 1 to 99; the least is enough.
 * @throws {SystemError} EPERM without CAP_SYS_NICE or a limit that allows it.
 */
export function setRealTimePriority(priority: number): void {
  setSchedule(SCHED_RR, new Int32Array([priority]));
}

/**
 * Runs this with real-time priority, which a thread that it starts inherits (pthread_create(3)), and then goes on as before.
 *
 * @throws {SystemError} as {@link setRealTimePriority}; then nothing was run.
 */
export function withRealTimePriority<T>(priority: number, run: () => T): T {
  const [policy, parameters] = [new Int32Array(1), new Int32Array(1)];
  const errno = call.pthreadGetschedparam(call.pthreadSelf(), policy, parameters);
  if (errno !== 0) throw new SystemError('pthread_getschedparam', errnoName(errno));
  setRealTimePriority(priority);
  try {
    return run();
  } finally {
    setSchedule(policy[0] as number, parameters);
  }
}

function setSchedule(policy: number, parameters: Int32Array): void {
  const errno = call.pthreadSetschedparam(call.pthreadSelf(), policy, parameters);
  if (errno !== 0) throw new SystemError('pthread_setschedparam', errnoName(errno));
}

/** Closing cannot usefully fail: whatever it says, the descriptor is gone. */
export function close(fd: number): void {
  call.close(fd);
}

/** Watching a descriptor on the event loop; {@link PollWatch.close} ends it. */
export interface PollWatch {
  /** Calls nobody for now. */
  pause(): void;
  resume(): void;
  close(): void;
}

// koffi's handle goes silent once it is collected, so every live one is held here.
const live = new Set<unknown>();

/** Calls back on the event loop each time the descriptor can be written (or has failed), until closed. */
export const watchWritable = (fd: number, callback: () => void): PollWatch => watch(fd, { writable: true }, callback);

/** Calls back on the event loop each time something can be read or accepted (or the descriptor has failed), until closed. */
export const watchReadable = (fd: number, callback: () => void): PollWatch => watch(fd, { readable: true }, callback);

function watch(fd: number, what: { readable: true } | { writable: true }, callback: () => void): PollWatch {
  const handle = koffi.node.poll(fd, what, callback);
  live.add(handle);
  return {
    pause: () => handle.stop(),
    resume: () => handle.start(what, callback),
    close() {
      if (live.delete(handle)) handle.close();
    },
  };
}
