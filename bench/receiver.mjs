/**
 * A receiving BGP speaker that only counts: the measuring instrument of the benchmarks, for all originators the same.
 *
 * It is nobody's BGP implementation, imports nothing of ours and knows just enough: it answers OPEN, sends KEEPALIVEs, and counts UPDATEs, octets
 * and distinct prefixes in raw bytes. Its KEEPALIVE that makes a session Established is held back until every session waits for it; then
 * all get it in one go, which is time zero of the measurement.
 *
 * Argument: JSON {addresses, port, expected, asn, holdSeconds, watch}. Prints JSON lines: `listening`, `complete` with the figures, with
 * `watch` each arrival of UPDATEs, and what it is asked for on standard input: `report`, `pause N`, `resume N` (a session by its number).
 */
import net from 'node:net';
import { createInterface } from 'node:readline';

const { addresses, port, expected, asn, holdSeconds, watch } = JSON.parse(process.argv[2] ?? '{}');
/** Prefixes are told apart by the last 17 bits of their addresses: originators count up from one base. */
const SLOTS = 1 << 17;
const [OPEN, UPDATE, NOTIFICATION, KEEPALIVE] = [1, 2, 3, 4];

/** Nanoseconds of CLOCK_MONOTONIC, which all processes of the machine share; as a number it is exact for a hundred days. */
const now = () => Number(process.hrtime.bigint());
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

function message(type, body) {
  const bytes = Buffer.alloc(19 + body.length, 0xff);
  bytes.writeUInt16BE(bytes.length, 16);
  bytes[18] = type;
  bytes.set(body, 19);
  return bytes;
}

/** Four-octet AS (65), and multiprotocol (1) for both unicast families. */
function open(identifier) {
  const body = Buffer.from([
    4,
    0,
    0,
    0,
    0,
    10,
    0,
    0,
    identifier,
    0,
    2,
    0,
    1,
    4,
    0,
    1,
    0,
    1,
    1,
    4,
    0,
    2,
    0,
    1,
    65,
    4,
    0,
    0,
    0,
    0,
  ]);
  body.writeUInt16BE(asn, 1);
  body.writeUInt16BE(holdSeconds, 3);
  body.writeUInt32BE(asn, body.length - 4);
  body[9] = body.length - 10;
  body[11] = body.length - 12;
  return message(OPEN, body);
}

class Session {
  constructor(index) {
    this.index = index;
    this.seen = new Uint8Array(SLOTS);
    this.reset(undefined);
  }

  reset(socket) {
    this.socket = socket;
    this.rest = undefined;
    this.ready = false;
    this.established = false;
    this.seen.fill(0);
    this.distinct = 0;
    this.announced = 0;
    this.withdrawn = 0;
    this.updates = 0;
    this.octets = 0;
    this.doneAt = 0;
    this.lastKeepalive = 0;
    this.longestGap = 0;
    this.keepalives = 0;
  }

  receive(chunk) {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    const [updates, announced, withdrawn] = [this.updates, this.announced, this.withdrawn];
    let at = 0;
    while (bytes.length - at >= 19) {
      const length = (bytes[at + 16] << 8) | bytes[at + 17];
      if (bytes.length - at < length) break;
      this.take(bytes, at, length);
      at += length;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined;
    if (this.updates === updates) return;
    const arrival = now();
    if (this.distinct >= expected && this.doneAt === 0) {
      this.doneAt = arrival;
      completed();
    }
    if (watch && this.socket !== undefined)
      say({
        type: 'updates',
        session: this.index,
        at: arrival,
        updates: this.updates - updates,
        announced: this.announced - announced,
        withdrawn: this.withdrawn - withdrawn,
      });
  }

  take(bytes, at, length) {
    const type = bytes[at + 18];
    if (type === UPDATE) this.update(bytes, at, at + length);
    else if (type === KEEPALIVE) this.keepalive();
    else if (type === OPEN) this.socket?.write(open(this.index + 11));
    else if (type === NOTIFICATION) {
      say({ type: 'notification', session: this.index, code: bytes[at + 19], subcode: bytes[at + 20] });
    }
  }

  keepalive() {
    const at = now();
    if (this.established) {
      this.keepalives++;
      this.longestGap = Math.max(this.longestGap, at - this.lastKeepalive);
    }
    this.lastKeepalive = at;
    if (!this.ready) {
      this.ready = true;
      readyOne();
    }
  }

  update(bytes, at, end) {
    const before = this.announced + this.withdrawn;
    this.routes(bytes, at, end);
    // End-of-RIB carries nothing, and who sends it here differs.
    if (this.announced + this.withdrawn === before) return;
    this.updates++;
    this.octets += end - at;
  }

  routes(bytes, at, end) {
    const withdrawnEnd = at + 21 + ((bytes[at + 19] << 8) | bytes[at + 20]);
    this.withdrawn += count(bytes, at + 21, withdrawnEnd);
    const attributesEnd = withdrawnEnd + 2 + ((bytes[withdrawnEnd] << 8) | bytes[withdrawnEnd + 1]);
    if (attributesEnd < end) this.nlri(bytes, attributesEnd, end);
    else if (attributesEnd > withdrawnEnd + 2) this.multiprotocol(bytes, withdrawnEnd + 2, attributesEnd);
  }

  multiprotocol(bytes, at, end) {
    while (at < end) {
      const extended = (bytes[at] & 0x10) !== 0;
      const length = extended ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2];
      const value = at + (extended ? 4 : 3);
      if (bytes[at + 1] === 14) this.nlri(bytes, value + 5 + bytes[value + 3], value + length);
      if (bytes[at + 1] === 15) this.withdrawn += count(bytes, value + 3, value + length);
      at = value + length;
    }
  }

  nlri(bytes, at, end) {
    while (at < end) {
      at += 1 + ((bytes[at] + 7) >> 3);
      const slot = ((bytes[at - 3] << 16) | (bytes[at - 2] << 8) | bytes[at - 1]) & (SLOTS - 1);
      this.announced++;
      if (this.seen[slot] === 0) {
        this.seen[slot] = 1;
        this.distinct++;
      }
    }
  }

  figures(zero) {
    const { index, updates, octets, distinct, announced, withdrawn, keepalives, longestGap } = this;
    const ms = this.doneAt === 0 ? null : (this.doneAt - zero) / 1e6;
    const open = this.socket !== undefined;
    return {
      session: index,
      open,
      ms,
      updates,
      octets,
      distinct,
      announced,
      withdrawn,
      keepalives,
      longestGapMs: longestGap / 1e6,
    };
  }
}

function count(bytes, at, end) {
  let prefixes = 0;
  for (; at < end; prefixes++) at += 1 + ((bytes[at] + 7) >> 3);
  return prefixes;
}

const sessions = addresses.map((_, index) => new Session(index));
let zero = 0;

function readyOne() {
  if (!sessions.every((session) => session.ready)) return;
  zero = now();
  for (const session of sessions) {
    session.socket?.write(message(KEEPALIVE, []));
    session.established = true;
    session.lastKeepalive = zero;
  }
  say({ type: 'established', at: zero });
  if (expected > 0) nudge();
}

/**
 * BIRD 2.0.12 may sleep for three seconds with UPDATEs ready to be sent when nothing comes in meanwhile. So something comes in, for everybody
 * alike, until all is there.
 */
function nudge() {
  const nudging = setInterval(() => {
    for (const session of sessions) session.socket?.write(message(KEEPALIVE, []));
    if (sessions.every((session) => session.doneAt > 0)) clearInterval(nudging);
  }, 2);
}

function completed() {
  if (!sessions.every((session) => session.doneAt > 0)) return;
  const ms = (Math.max(...sessions.map((session) => session.doneAt)) - zero) / 1e6;
  say({ type: 'complete', ms, sessions: sessions.map((session) => session.figures(zero)) });
}

/** What the first message costs an interpreter that has not seen one shall not be counted against who sends it. */
function warmUp() {
  const dummy = new Session(0);
  dummy.doneAt = 1;
  const nlri = Buffer.alloc(4_000);
  for (let i = 0; i < nlri.length; i += 5) nlri[i] = 32;
  const attributes = Buffer.from([0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 10, 0, 0, 1]);
  const large = message(UPDATE, [0, 0, 0, attributes.length, ...attributes, ...nlri]);
  const small = message(UPDATE, [0, 0, 0, attributes.length, ...attributes, 32, 10, 0, 0, 1]);
  const reach = [0x80, 14, 38, 0, 2, 1, 16, ...new Array(16).fill(0), 0, 128, ...new Array(16).fill(1)];
  const six = message(UPDATE, [0, 0, 0, reach.length, ...reach]);
  const burst = Buffer.concat([
    ...new Array(20).fill(large),
    ...new Array(500).fill(small),
    ...new Array(500).fill(six),
  ]);
  for (let i = 0; i < 20; i++) dummy.receive(burst);
}

warmUp();

await Promise.all(
  sessions.map((session, i) => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      session.socket?.destroy();
      session.reset(socket);
      socket.on('data', (chunk) => {
        if (session.socket === socket) session.receive(chunk);
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        if (session.socket !== socket) return;
        session.socket = undefined;
        if (session.established) say({ type: 'closed', session: i });
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: addresses[i], port }, resolve);
    });
  }),
);
setInterval(
  () => {
    for (const session of sessions) if (session.established) session.socket?.write(message(KEEPALIVE, []));
  },
  (holdSeconds * 1000) / 3,
);
say({ type: 'listening' });

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, argument] = line.split(' ');
  const session = sessions[Number(argument)];
  if (command === 'pause') session?.socket?.pause();
  else if (command === 'resume') session?.socket?.resume();
  else if (command === 'report') say({ type: 'report', sessions: sessions.map((each) => each.figures(zero)) });
});
process.stdin.on('end', () => process.exit(0));
