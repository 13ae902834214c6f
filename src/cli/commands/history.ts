import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { formatRef, parseRef } from '../../integrity/definition-ref.js';
import { shortVersion } from '../../model/fingerprint.js';
import type { ApprovalRecord, SeenVersion } from '../../ports.js';
import { makeVisible, quote } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { visibleRef } from '../held-lines.js';
import { withSession } from '../session.js';
import { moment } from '../moment.js';
import type { Terminal } from '../terminal.js';

/** Adds `history`: every version of a definition that was ever seen. */
export function addHistory(program: Command, run: Runner): void {
  program
    .command('history')
    .description('list every version of a definition, when it was seen, and who approved it')
    .argument('<ref>', 'a definition such as github/create_issue')
    .addHelpText('after', EXAMPLES)
    .action(run(history));
}

const EXAMPLES = `
Examples:
  sealwatch history github/create_issue
  sealwatch history github/instructions/ --json   with the text of each version`;

async function history(cli: Cli, ref: string): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    const refText = formatRef(parseRef(ref));
    const versions = await deps.store.history(refText);
    if (versions.length === 0) throw new SealwatchError('NOT_FOUND', `${quote(ref)} was never seen`);
    return {
      exitCode: 0,
      json: { ref: refText, versions: versions.map(versionJson) },
      print: (terminal) => {
        terminal.line(terminal.paint.bold(visibleRef(refText)));
        for (const version of versions) printVersion(version, terminal);
      },
    };
  });
}

function versionJson({
  version,
  content,
  firstSeenAt,
  lastSeenAt,
  times,
  approvals,
}: SeenVersion): Readonly<Record<string, unknown>> {
  return { version, content, firstSeenAt, lastSeenAt, times, approvals: approvals.map(approvalJson) };
}

function approvalJson({ by, at, request, endedAt, endedBy, leaf }: ApprovalRecord): Readonly<Record<string, unknown>> {
  return { by, at, request: request ?? null, endedAt: endedAt ?? null, endedBy: endedBy ?? null, leaf };
}

function printVersion({ version, firstSeenAt, lastSeenAt, times, approvals }: SeenVersion, terminal: Terminal): void {
  const seen = `seen ${times} ${times === 1 ? 'time' : 'times'}, ${moment(firstSeenAt)} to ${moment(lastSeenAt)}`;
  terminal.line(`  ${terminal.paint.cyan(shortVersion(version))}  ${seen}`);
  if (approvals.length === 0) terminal.line(terminal.paint.yellow('    never approved'));
  for (const { by, at, endedAt, endedBy } of approvals) {
    const end =
      endedAt === undefined
        ? ''
        : `; ended ${moment(endedAt)}${endedBy === undefined ? '' : ` by ${makeVisible(endedBy)}`}`;
    const text = `    approved ${moment(at)} by ${makeVisible(by)}${end}`;
    terminal.line(endedAt === undefined ? terminal.paint.green(text) : text);
  }
}
