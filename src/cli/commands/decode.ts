/** `metallb decode`: what captured octets say, and what a session would make of them. */
import { Argument, Command, Option } from 'commander';
import { type BfdMessageJson, decodeBfdMessages } from '../decode/bfd.ts';
import { bfdMessageText } from '../decode/bfd-text.ts';
import { type DecodeOptions, decodeMessages, type MessageJson } from '../decode/messages.ts';
import { octetRuns } from '../decode/octets.ts';
import { messageText } from '../decode/text.ts';
import { CannotRunError, type CommandContext } from '../io.ts';
import { outputOption } from '../options.ts';
import { writeJsonArray } from '../plan-json.ts';
import { StreamWriter } from '../stream-writer.ts';
import { type Style, styleFor } from '../text/style.ts';

interface Flags {
  readonly output: 'json' | 'text';
  readonly raw?: boolean;
  readonly twoOctetAs?: boolean;
  readonly addPath?: boolean;
  readonly extendedMessages?: boolean;
  readonly peer: 'external' | 'internal';
}

const HELP = `
Without hex it reads standard input: hex, one message (or several) a line, or octets as they are with --raw. White space, colons and
dashes between the digits do not matter. BFD packets are judged as far as RFC 5880 section 6.8.6 goes without a session; a password in them
is not printed.

Examples:
  metallb decode bgp ffffffffffffffffffffffffffffffff001304
  metallb decode bgp --peer internal -o text < messages.txt
  tshark -r session.pcap -T fields -e tcp.payload 'bgp && ip.src == 192.0.2.1' | tr -d '\\n' | xxd -r -p | metallb decode bgp --raw
  metallb decode bfd -o text 20c803188000000180000001000186a0000186a000000000
  tshark -r session.pcap -T fields -e udp.payload bfd | metallb decode bfd

Exit status: 0 nothing is wrong; 1 a message has an error, of whatever action; 2 the input is no hex, is empty or cannot be read.`;

/** A decoder, and what its messages look like as text. */
interface Protocol<Json extends { readonly errors: readonly unknown[] }> {
  readonly decode: (run: Uint8Array) => Iterable<Json>;
  readonly text: (message: Json, style: Style) => string;
}

function bgp(flags: Flags): Protocol<MessageJson> {
  const options: DecodeOptions = {
    fourOctetAs: flags.twoOctetAs !== true,
    addPath: flags.addPath === true,
    extendedMessages: flags.extendedMessages === true,
    internal: flags.peer === 'internal',
  };
  return { decode: (run) => decodeMessages(run, options), text: messageText };
}

/** @throws {CannotRunError} for what only BGP has. */
function bfd(flags: Flags): Protocol<BfdMessageJson> {
  const ofBgp = {
    '--two-octet-as': flags.twoOctetAs,
    '--add-path': flags.addPath,
    '--extended-messages': flags.extendedMessages,
  };
  for (const [flag, given] of Object.entries(ofBgp)) {
    if (given === true) throw new CannotRunError(`decode bfd: ${flag} is of BGP alone: leave it out`);
  }
  return { decode: decodeBfdMessages, text: bfdMessageText };
}

/** Makes the command. */
export function decodeCommand(context: CommandContext): Command {
  return new Command('decode')
    .description('decode captured protocol messages, and say what is wrong with them')
    .addArgument(new Argument('<protocol>', 'of the messages').choices(['bgp', 'bfd']))
    .argument('[hex]', 'one or more messages; without it they are read from standard input')
    .addOption(outputOption(['json', 'text']))
    .option('--raw', 'standard input is the octets themselves')
    .option(
      '--two-octet-as',
      'one side of the session is an old speaker: AS numbers in AS_PATH have two octets (RFC 6793)',
    )
    .option('--add-path', 'prefixes have path identifiers (RFC 7911)')
    .option('--extended-messages', 'messages may be longer than 4096 octets (RFC 8654)')
    .addOption(
      new Option('--peer <kind>', 'who sent them: it decides what LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST mean')
        .choices(['external', 'internal'])
        .default('external'),
    )
    .addHelpText('after', HELP)
    .action((protocol: 'bgp' | 'bfd', hex: string | undefined, flags: Flags) =>
      protocol === 'bgp' ? run(bgp(flags), hex, flags, context) : run(bfd(flags), hex, flags, context),
    );
}

async function run<Json extends { readonly errors: readonly unknown[] }>(
  { decode, text }: Protocol<Json>,
  hex: string | undefined,
  flags: Flags,
  { io, exit }: CommandContext,
): Promise<void> {
  const runs = await octetRuns(hex, flags.raw === true, io);
  let wrong = false;
  const messages = function* (): Generator<Json> {
    for (const octets of runs) {
      for (const message of decode(octets)) {
        wrong ||= message.errors.length > 0;
        yield message;
      }
    }
  };
  const writer = new StreamWriter(io.stdout);
  if (flags.output === 'json') {
    writer.write('{\n  "messages": ');
    await writeJsonArray(writer, messages(), '  ');
    writer.write('\n}\n');
  } else {
    const style = styleFor(io.stdout, io.env);
    for (const message of messages()) {
      writer.write(text(message, style));
      if (writer.isFull) await writer.flush();
      if (writer.closed) break;
    }
  }
  await writer.flush();
  exit(wrong ? 1 : 0);
}
