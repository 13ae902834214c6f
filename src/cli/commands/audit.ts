import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import { type ErrorCode, messageOf, SealwatchError } from '../../errors.js';
import type { AuditVerdict } from '../../model/audit.js';
import { type JsonValue, stringMember } from '../../model/json.js';
import { makeVisible, makeVisibleLines, quote } from '../../quote.js';
import { parseVerifierKey } from '../../store/checkpoint.js';
import { verifyAuditExport } from '../../store/verify-audit-export.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { withStoreToRead } from '../session.js';
import type { Terminal } from '../terminal.js';

/** Adds `audit verify`. A broken log is exit code 1: the check worked, and its answer needs a person. */
export function addAudit(program: Command, run: Runner): void {
  const audit = program.command('audit').description('the audit log');
  audit
    .command('verify')
    .description('check that the audit log is whole: no entry edited, removed, reordered or cut off')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere; the log must still begin with it')
    .option('--proof <file>', 'check an exported log instead of the store; needs neither store nor configuration')
    .option('--key <file>', 'with --proof: the `audit.pub` of the store, kept elsewhere, that must have signed it')
    .addHelpText('after', EXAMPLES)
    .action(run(verify));
}

const EXAMPLES = `
Exit code 1 when the log is broken. Keep checkpoints on another machine: one
that is given here also detects a log that was cut and signed anew. A proof
brings the key it is signed with: only --key tells whose it is.

Examples:
  sealwatch audit verify
  sealwatch audit verify --checkpoint /mnt/elsewhere/checkpoint.txt
  sealwatch audit verify --proof audit-proof.jsonl --key audit.pub`;

interface Options {
  readonly checkpoint?: string;
  readonly proof?: string;
  readonly key?: string;
}

async function verify(cli: Cli, options: Options): Promise<Outcome> {
  const { checkpoint, proof, key } = options;
  if (proof !== undefined) return Promise.resolve(verifyProof(cli, proof, options));
  if (key !== undefined) throw new SealwatchError('USAGE', '--key goes with --proof: the store has its own key');
  const given = checkpoint === undefined ? undefined : readGiven(cli, checkpoint, 'checkpoint', 'CHECKPOINT_INVALID');
  return withStoreToRead(cli, async (store) => {
    const verdict = await store.verifyAudit(given);
    return {
      exitCode: verdict.kind === 'intact' ? 0 : 1,
      json: verdictJson(verdict),
      print: (terminal) => {
        printVerdict(verdict, terminal);
      },
    };
  });
}

function verifyProof(cli: Cli, file: string, { key, checkpoint }: Options): Outcome {
  if (checkpoint !== undefined)
    throw new SealwatchError('USAGE', '--checkpoint is held against the store, not a proof');
  const text = readGiven(cli, file, 'proof', 'USAGE');
  const publicKey = key === undefined ? undefined : readVerifierKey(cli, key);
  const verdict = verifyAuditExport(text, publicKey === undefined ? {} : { publicKey });
  const signedBy = verdict.kind === 'intact' ? signerOf(text) : undefined;
  return {
    exitCode: verdict.kind === 'intact' ? 0 : 1,
    json: { ...verdictJson(verdict), signedBy: signedBy ?? null, keyGiven: publicKey !== undefined },
    print: (terminal) => {
      printVerdict(verdict, terminal);
      if (signedBy === undefined) return;
      terminal.line(`Signed with the key ${makeVisible(signedBy)}`);
      terminal.line(terminal.paint.dim(publicKey === undefined ? UNKNOWN_KEY : 'That is the given key.'));
    },
  };
}

/** The first line names the key; it was read and believed when the log was found whole. */
function signerOf(text: string): string | undefined {
  const [header = ''] = text.split('\n', 1);
  return stringMember(JSON.parse(header) as JsonValue, 'publicKey');
}

const UNKNOWN_KEY =
  'The file brings this key itself: compare it with the `audit.pub` of the store, or give that with --key.';

function verdictJson(verdict: AuditVerdict): Readonly<Record<string, unknown>> {
  switch (verdict.kind) {
    case 'intact': {
      const { size, rootHash, checkpoint } = verdict;
      return { intact: true, size, rootHash, checkpoint, problems: [] };
    }
    case 'broken':
      return { intact: false, size: null, rootHash: null, checkpoint: null, problems: verdict.problems };
  }
}

function printVerdict(verdict: AuditVerdict, terminal: Terminal): void {
  const { paint } = terminal;
  switch (verdict.kind) {
    case 'intact':
      terminal.line(`${paint.green('The audit log is intact')}: ${verdict.size} entries, root ${verdict.rootHash}`);
      terminal.line(paint.dim(makeVisibleLines(verdict.checkpoint.trimEnd())));
      return;
    case 'broken':
      terminal.line(paint.red('The audit log is broken:'));
      for (const problem of verdict.problems) terminal.line(`  ${makeVisible(problem)}`);
  }
}

function readVerifierKey(cli: Cli, file: string): string {
  const text = readGiven(cli, file, 'key', 'USAGE');
  if (parseVerifierKey(text) !== undefined) return text;
  throw new SealwatchError('USAGE', `not a verifier key as in \`audit.pub\`: ${quote(text, 80)}`);
}

function readGiven(cli: Cli, file: string, what: string, code: ErrorCode): string {
  try {
    return readFileSync(resolve(cli.io.cwd(), file), 'utf8');
  } catch (cause) {
    throw new SealwatchError(code, `cannot read the ${what}: ${messageOf(cause)}`, { cause });
  }
}
