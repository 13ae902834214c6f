import { resolve } from 'node:path';
import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import { messageOf, SealwatchError } from '../../errors.js';
import { readChain, type ServerChain, type ShownLink } from '../../mcp/read-chain.js';
import { DEFAULT_TLS, type TlsRules } from '../../model/tls.js';
import { quote } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { readConfig } from '../session.js';
import type { Terminal } from '../terminal.js';

const TIMEOUT_MS = 10_000;

const EXAMPLES = `
Nothing is asked of the server: the connection is closed after the TLS
handshake. Compare what is printed with what the server's owner tells you by
another way, before you believe it.

Examples:
  sealwatch pins https://mcp.example.com/mcp
  sealwatch pins search         # a server of the configuration, with its ca
  sealwatch pins https://mcp.internal --ca internal-ca.pem`;

/** Adds `pins`. */
export function addPins(program: Command, run: Runner): void {
  program
    .command('pins')
    .argument('<url or server>', 'an https:// address, or a server of the configuration')
    .option('--ca <file>', 'PEM file with the authorities that are trusted instead of the known ones')
    .description('print the certificates of a server as pins, ready to paste')
    .addHelpText('after', EXAMPLES)
    .action(run(pins));
}

async function pins(cli: Cli, target: string, options: { readonly ca?: string }): Promise<Outcome> {
  const { url, tls } = targetOf(cli, target);
  const ca = options.ca === undefined ? tls.ca : readFile(resolve(cli.io.cwd(), options.ca));
  const chain = await readChain(url, { tls: { ...tls, ca }, timeoutMs: TIMEOUT_MS, reach: undefined });
  return {
    exitCode: chain.problem === undefined ? 0 : 1,
    json: {
      origin: url.origin,
      protocol: chain.protocol,
      problem: chain.problem ?? null,
      certificates: chain.certificates,
    },
    print: (terminal) => {
      print(url, chain, terminal);
    },
  };
}

function targetOf(cli: Cli, target: string): { readonly url: URL; readonly tls: TlsRules } {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return { url: httpsUrl(target), tls: DEFAULT_TLS };
  const server = readConfig(cli).servers.find(({ id }) => id === target);
  if (server === undefined) {
    throw new SealwatchError('NOT_FOUND', `${quote(target)} is neither an https:// address nor a configured server`);
  }
  const { connection } = server;
  if (connection.kind === 'http' && connection.launch === undefined)
    return { url: httpsUrl(connection.url), tls: connection.tls };
  throw new SealwatchError('USAGE', `${server.id} is started on this machine: there is no certificate to pin`);
}

function httpsUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return url;
  throw new SealwatchError('USAGE', `${quote(text, 160)} is no https:// address, and only these have certificates`);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SealwatchError('USAGE', `cannot read --ca: ${messageOf(cause)}`, { cause });
  }
}

function print(url: URL, { protocol, problem, certificates }: ServerChain, terminal: Terminal): void {
  const { paint } = terminal;
  terminal.line(`${paint.bold(url.origin)}, ${protocol}`);
  for (const [index, link] of certificates.entries()) printLink(index, link, terminal);
  terminal.line();
  if (problem !== undefined) {
    terminal.line(paint.red(`The certificate is not valid: ${quote(problem, 200)}.`));
    terminal.line(
      'Pins do not replace a valid certificate. Where it is of an authority of your own, name that one in "ca".',
    );
    return;
  }
  terminal.line(
    'Ready to paste into the entry of the server. One of them has to be found at each connection: with the second,',
  );
  terminal.line(
    'the server may change its key as long as it stays with its issuer; or keep the pin of a spare key there instead.',
  );
  terminal.line();
  terminal.line('  pins:');
  for (const { pin, subject } of certificates.slice(0, 2)) terminal.line(`    - ${pin}  # ${quote(subject, 80)}`);
  if (certificates.length < 2)
    terminal.line('    # Two are needed, and it shows one certificate: add the pin of a key that is kept for later.');
}

function printLink(index: number, { subject, expiresAt, pin }: ShownLink, terminal: Terminal): void {
  terminal.line();
  terminal.line(`${index === 0 ? 'Server' : 'Issuer'}  ${quote(subject, 120)}`);
  terminal.line(`        until ${expiresAt?.slice(0, 10) ?? 'nobody can tell'}`);
  terminal.line(`        ${pin}`);
}
