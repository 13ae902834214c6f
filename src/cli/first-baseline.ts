import { shortRef } from '../integrity/definition-ref.js';
import type { ChangeRequest } from '../model/change-request.js';
import { stringMember, memberOf, isJsonArray } from '../model/json.js';
import type { Server } from '../model/server.js';
import { type Assessment, assess } from '../monitor/assess.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { makeVisible, quote } from '../quote.js';
import { kindCounts } from './held-lines.js';
import { isDeclared } from './standing.js';
import { wrap } from './table.js';
import type { Terminal } from './terminal.js';

/** The first state of a server, waiting for approval as a whole. */
export interface FirstBaseline {
  readonly request: ChangeRequest;
  readonly assessment: Assessment;
}

/** Open requests, told apart by whether anything of their server was ever approved. */
export interface OpenRequests {
  readonly first: readonly FirstBaseline[];
  /** Changes of what was approved: never approved in bulk, since that is how a pulled rug would slip through. */
  readonly later: readonly ChangeRequest[];
}

/** Returns the open requests of some servers. */
export async function openRequests(servers: readonly Server[], deps: MonitorDeps): Promise<OpenRequests> {
  const first: FirstBaseline[] = [];
  const later: ChangeRequest[] = [];
  for (const server of servers) {
    const assessment = await assess(server, deps);
    const { open, baseline } = assessment.standing;
    if (open === undefined) continue;
    if (baseline.isEmpty) first.push({ request: open, assessment });
    else later.push(open);
  }
  return { first, later };
}

/** Writes what a person is about to trust: where it comes from, how much it is, and above all what was found in it. */
export function printFirstBaseline({ request, assessment }: FirstBaseline, terminal: Terminal): void {
  const { paint, width } = terminal;
  terminal.line(paint.bold(`${request.server}: request ${request.id}`));
  for (const line of wrap(`from ${originOf(assessment)}`, width - 2)) terminal.line(`  ${line}`);
  for (const line of wrap(
    kindCounts(assessment.snapshot?.definitions.filter(isDeclared) ?? []) || 'declares nothing',
    width - 2,
  ))
    terminal.line(`  ${line}`);
  if (request.findings.length === 0) terminal.line(`  ${paint.green('no findings')}`);
  for (const { rule, severity, refText, message, excerpt } of request.findings) {
    const text = `${severity} ${rule} in ${makeVisible(shortRef(refText))}: ${message}: ${quote(excerpt, 100)}`;
    for (const line of wrap(text, width - 4)) terminal.line(`  ${paint.magenta(`! ${line}`)}`);
  }
}

/** The provenance that is approved with it, as the configuration writes it. */
function originOf({ server, snapshot }: Assessment): string {
  const provenance = snapshot?.definitions.find(({ ref }) => ref.kind === 'provenance')?.value ?? server.provenance;
  const args = memberOf(provenance, 'args');
  const words = isJsonArray(args) ? args.filter((one) => typeof one === 'string') : [];
  const command = [stringMember(provenance, 'command') ?? '', ...words].join(' ').trim();
  const url = stringMember(provenance, 'url');
  return makeVisible([url, command].filter((part) => part !== undefined && part !== '').join(', started as '));
}
