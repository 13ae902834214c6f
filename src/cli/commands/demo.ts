import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { Command } from 'commander';

import type { ChangeRequest } from '../../model/change-request.js';
import { isJsonArray, memberOf } from '../../model/json.js';
import type { Server } from '../../model/server.js';
import { assess } from '../../monitor/assess.js';
import type { Inspection } from '../../monitor/inspect.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { printRequest } from '../held-lines.js';
import { printHints } from '../hints.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { ServiceHooks } from '../service.js';
import { readConfig, type Session, withSession } from '../session.js';
import { countsOf, printStanding } from '../standing.js';
import { wrap } from '../table.js';
import { createStoreUnlessThere } from './init.js';
import { stopped } from './watch.js';
import { counted } from '../../render/counted.js';

/** So that a newcomer sees the change within a minute, and has time to read the table before. */
const CHANGE_AFTER_SECONDS = '20';

const DEMO_FOLDER = join(PACKAGE_ROOT, 'data', 'demo');

const VARIABLE = 'SEALWATCH_DEMO_CHANGE_AFTER';

/** Adds `demo`: the main job on real servers, with one that pulls the rug. */
export function addDemo(program: Command, run: Runner): void {
  program
    .command('demo')
    .description('watch real MCP servers and one that changes a tool after a while; what an alert looks like')
    .addHelpText('after', EXAMPLES)
    .action(run(demo));
}

const EXAMPLES = `
Keeps its state in .sealwatch at the root of the package, or in --state-dir;
remove that folder to see the story from the beginning.

Examples:
  sealwatch demo
  sealwatch --state-dir /tmp/demo demo`;

async function demo(given: Cli): Promise<Outcome> {
  const file = given.flags.config ?? join(DEMO_FOLDER, 'sealwatch.yaml');
  const env = { ...given.env, [VARIABLE]: given.env[VARIABLE] ?? CHANGE_AFTER_SECONDS };
  const cli: Cli = { ...given, env, flags: { ...given.flags, config: file } };
  const { runService } = await import('../service.js');
  const { stateDir } = readConfig(cli);
  const isNew = await createStoreUnlessThere(stateDir);
  introduce(cli, stateDir, isNew);
  return withSession(
    cli,
    async (session) => {
      await runService(cli, session, hooksFor(cli, session), { orAnyPort: true });
      return stopped();
    },
    {
      change: (config) => ({
        ...config,
        servers: installed(config.servers, given).map((server) => ({ ...server, firstUse: 'trust' })),
      }),
    },
  );
}

/** Most servers of the demonstration are for development: where the package was installed, they are not there, and that is said. */
function installed(servers: readonly Server[], { terminal, flags }: Cli): readonly Server[] {
  if (flags.config !== undefined) return servers;
  const missing = servers.filter(isMissing).map(({ id }) => id);
  if (missing.length > 0) terminal.note(`left out, because they are not installed here: ${missing.join(', ')}`);
  return servers.filter(({ id }) => !missing.includes(id));
}

function isMissing({ provenance }: Server): boolean {
  const args = memberOf(provenance, 'args');
  const files = isJsonArray(args) ? args.filter((one) => typeof one === 'string') : [];
  return files.some((file) => file.includes('node_modules/') && !existsSync(join(DEMO_FOLDER, file)));
}

function introduce({ terminal, flags }: Cli, stateDir: string, isNew: boolean): void {
  if (flags.json) return;
  const { paint, width } = terminal;
  const say = (text: string): void => {
    for (const line of wrap(text, width)) terminal.line(line);
  };
  terminal.line(paint.bold('Sealwatch: the demonstration'));
  say(
    'The demonstration trusts what it sees first. A real installation holds it until a person approves it (firstUse: hold).',
  );
  say(
    isNew
      ? `Created a store in ${stateDir}`
      : `Going on with the store in ${stateDir} (remove the folder to start the story again)`,
  );
  terminal.line();
}

function hooksFor(cli: Cli, session: Session): ServiceHooks {
  const { terminal, flags } = cli;
  const isShown = new Set<number>();
  let signIn: string | undefined;
  return {
    onStarted: (url, signInUrl) => {
      signIn = signInUrl;
      const { port } = session.config.serve;
      if (!url.endsWith(`:${port}`) && session.config.serve.publicUrl === undefined)
        terminal.note(`port ${port} is taken, so the pages are on another one`);
      terminal.note(`starting ${counted(session.servers.length, 'server')} …`);
    },
    onReady: async (inspections, url) => {
      if (!flags.json) await printReady(inspections, { url, signIn }, cli, session, isShown);
    },
    onInspected: (inspection, url) => {
      const request = inspection.kind === 'checked' ? inspection.request : undefined;
      if (request === undefined || isShown.has(request.id) || flags.json) return;
      isShown.add(request.id);
      printNextSteps(request, { url, signIn }, cli, session);
    },
  };
}

async function printReady(
  inspections: readonly Inspection[],
  { url, signIn }: Where,
  cli: Cli,
  session: Session,
  isShown: Set<number>,
): Promise<void> {
  const { terminal } = cli;
  const assessments = await Promise.all(session.servers.map((server) => assess(server, session.deps)));
  const failureOf = (id: string): StandingFailure | undefined =>
    inspections.find((one): one is StandingFailure => one.kind === 'unchecked' && one.server === id);
  printStanding(
    assessments.map((one) => ({ server: one.server.id, counts: countsOf(one), failure: failureOf(one.server.id) })),
    terminal,
  );
  terminal.line();
  terminal.line(`Watching ${counted(session.servers.length, 'server')}. Pages: ${url}   Ctrl-C ends.`);
  if (signIn !== undefined) terminal.line(`Sign in, once and within 15 minutes: ${signIn}`);
  const waiting = assessments.flatMap(({ standing }) => standing.open ?? []);
  const weather = assessments.find(({ server }) => server.id === 'weather');
  if (waiting.length === 0 && weather !== undefined) {
    const seconds = cli.env[VARIABLE] ?? CHANGE_AFTER_SECONDS;
    terminal.line(
      `The server "weather" changes one of its tools ${seconds} seconds after its first start: wait for it.`,
    );
  }
  for (const request of waiting.filter(({ id }) => !isShown.has(id))) {
    isShown.add(request.id);
    terminal.line();
    printRequest(request, terminal);
    printNextSteps(request, { url, signIn }, cli, session);
  }
}

/** Where the pages are, and how to get in. */
interface Where {
  readonly url: string;
  readonly signIn: string | undefined;
}

type StandingFailure = Extract<Inspection, { kind: 'unchecked' }>;

function printNextSteps(request: ChangeRequest, { url, signIn }: Where, cli: Cli, { config }: Session): void {
  const { terminal } = cli;
  const command = `npx sealwatch${configFlag(cli, config.file)}${stateFlag(cli)}`;
  terminal.line('This stays on hold until somebody decides. On a page:');
  if (signIn !== undefined) terminal.line(`  sign in first (once):  ${terminal.paint.cyan(signIn)}`);
  terminal.line(`  read it and decide:    ${terminal.paint.cyan(`${url}/requests/${request.id}`)}`);
  terminal.line(`  all that waits:        ${terminal.paint.cyan(`${url}/`)}`);
  terminal.line('Or in another terminal:');
  printHints(
    ['pending', `diff ${request.id}`, `approve ${request.id}`].map((what) => [`${command} ${what}`, '']),
    terminal,
  );
  terminal.line();
}

function configFlag({ io }: Cli, file: string): string {
  const path = relative(io.cwd(), file);
  return existsSync(path) ? ` --config ${path}` : ` --config ${file}`;
}

function stateFlag({ flags }: Cli): string {
  return flags.stateDir === undefined ? '' : ` --state-dir ${flags.stateDir}`;
}
