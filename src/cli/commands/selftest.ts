import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Command } from 'commander';

import { codeOf, messageOf, SealwatchError } from '../../errors.js';
import type { ChangeRequest } from '../../model/change-request.js';
import { settleRequest } from '../../monitor/approve.js';
import { type Assessment, assess } from '../../monitor/assess.js';
import { inspect } from '../../monitor/inspect.js';
import { deliverDue } from '../../monitor/outbox.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { type Session, withSession } from '../session.js';
import { countsOf } from '../standing.js';
import { createStoreUnlessThere } from './init.js';

/** Adds `selftest`: proves on this machine that a pulled rug is noticed, held and reported. */
export function addSelftest(program: Command, run: Runner): void {
  program
    .command('selftest')
    .description(
      'start a bundled server that pulls the rug, and prove that this installation notices, holds and reports it',
    )
    .addHelpText('after', '\nWorks in a temporary folder and leaves nothing behind.\n\nExamples:\n  sealwatch selftest')
    .action(run(selftest));
}

interface Step {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

async function selftest(given: Cli): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-selftest-'));
  const steps: Step[] = [];
  try {
    const file = join(folder, 'sealwatch.yaml');
    writeFileSync(file, configText(folder));
    await createStoreUnlessThere(join(folder, 'state'));
    const cli: Cli = { ...given, flags: { ...given.flags, config: file, stateDir: undefined } };
    await withSession(cli, (session) => playStory(session, cli, folder, steps));
  } catch (error) {
    steps.push({ name: 'the story runs to its end', passed: false, detail: `${codeOf(error)} ${messageOf(error)}` });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (given.signal.aborted) throw new SealwatchError('INTERRUPTED', 'interrupted');
  return outcomeOf(steps);
}

/** JSON is YAML, and quotes every path rightly. */
function configText(folder: string): string {
  const server = {
    command: process.execPath,
    args: [join(PACKAGE_ROOT, 'data', 'demo', 'demo-server.mjs')],
    env: { DEMO_CHANGE_AFTER_SECONDS: '3600', DEMO_STATE_FILE: join(folder, 'started') },
  };
  return JSON.stringify({ stateDir: 'state', servers: { selftest: server }, notify: { stdout: {} } });
}

/** Each step is looked at in the store, the way every other command sees it. */
async function playStory(session: Session, cli: Cli, folder: string, steps: Step[]): Promise<void> {
  const check = (name: string, passed: boolean, detail: string): void => void steps.push({ name, passed, detail });
  const look = (): Promise<Assessment> => inspectAndAssess(session, cli);

  const first = await look();
  const { tools, held } = countsOf(first);
  check('the bundled server is listed', tools === 2, `${tools} tools`);
  check('what is new is held', held > 0 && countsOf(first).allowed === 0, `${held} held, none allowed`);

  await approve(openRequest(first), session);
  const approved = await look();
  check(
    'what was approved is allowed',
    countsOf(approved).held === 0 && countsOf(approved).allowed > 0,
    `${countsOf(approved).allowed} allowed`,
  );

  // Long ago: the server changes its tool at the next start.
  writeFileSync(join(folder, 'started'), '1000');
  const changed = await look();
  const request = changed.standing.open;
  const changes = request?.changes ?? [];
  const isNoticed =
    request?.urgency === 'critical' && changes.length === 1 && changes[0]?.refText === 'selftest/tool/get_weather';
  check(
    'the pulled rug is noticed',
    isNoticed,
    changes.map((change) => `${change.class}: ${change.because}`).join('; ') || 'no change',
  );
  const heldRefs = changed.decisions.filter(({ verdict }) => verdict !== 'allow').map(({ refText }) => refText);
  check(
    'only the changed tool is held',
    heldRefs.join() === 'selftest/tool/get_weather',
    heldRefs.join(', ') || 'nothing is held',
  );

  const alerts: string[] = [];
  const { createNotifiers } = await import('../../notify/index.js');
  const notifiers = createNotifiers(session.deps.channels, {
    stdout: (text) => void alerts.push(text),
    clock: session.deps.clock,
  });
  await deliverDue({ ...session.deps, notifiers, publicUrl: undefined }, cli.signal);
  const isReported = alerts.some((text) => text.includes('get_weather') && text.includes('id_rsa'));
  check('it is reported with its diff', isReported, `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}`);

  const verdict = await session.deps.store.verifyAudit();
  check(
    'the audit log is intact',
    verdict.kind === 'intact',
    verdict.kind === 'intact' ? `${verdict.size} entries` : verdict.problems.join('; '),
  );
}

async function inspectAndAssess({ servers, deps }: Session, cli: Cli): Promise<Assessment> {
  const [server] = servers;
  if (server === undefined) throw new SealwatchError('INTERNAL', 'the configuration of the selftest names no server');
  const inspection = await inspect(server, deps, cli.signal);
  if (inspection.kind === 'unchecked') throw new SealwatchError(inspection.code, inspection.message);
  return assess(server, deps);
}

async function approve(request: ChangeRequest, { servers, deps }: Session): Promise<void> {
  const actor = { kind: 'person', name: 'selftest', how: 'terminal' } as const;
  await settleRequest(
    { request: request.id, expectedDigest: request.digest, decision: 'approve', actor },
    servers,
    deps,
  );
}

function openRequest({ standing }: Assessment): ChangeRequest {
  if (standing.open === undefined) throw new SealwatchError('INTERNAL', 'no change request was opened');
  return standing.open;
}

function outcomeOf(steps: readonly Step[]): Outcome {
  const passed = steps.every((step) => step.passed);
  return {
    exitCode: passed ? 0 : 2,
    json: { passed, steps },
    print: (terminal) => {
      const { paint } = terminal;
      for (const step of steps)
        terminal.line(
          `${step.passed ? paint.green('ok  ') : paint.red('FAIL')}  ${step.name} ${paint.dim(`(${step.detail})`)}`,
        );
      terminal.line();
      terminal.line(
        passed
          ? paint.green('This installation notices a pulled rug, holds it and reports it.')
          : paint.red('This installation does not do its job.'),
      );
    },
  };
}
