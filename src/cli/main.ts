/** The entry of the `metallb` command: the only file of the command line that touches the process. */
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(
    `metallb: needs Node.js ${NEEDED} or newer, and this is ${process.version}. ` +
      'Start bin/metallb.js, which goes on in the Node that "npm ci" brings along, or install a newer one.\n',
  );
  process.exitCode = 2;
} else {
  // Whoever reads the output may have seen enough (`| head`): that is the end, and no fault. StreamWriter notices it.
  const quietly = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
  };
  process.stdout.on('error', quietly);
  process.stderr.on('error', quietly);
  // A speaker prints its state on SIGUSR1. One that comes before it listens must not open Node's debugger, which is the default.
  process.on('SIGUSR1', () => undefined);
  // Imported late: an old Node would stumble over what it imports before it could say what is wrong.
  const { run } = await import('./run.ts');
  const { stdout, stderr, stdin, env } = process;
  process.exitCode = await run(process.argv.slice(2), { stdout, stderr, stdin, env });
}
