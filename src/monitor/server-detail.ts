import { SealwatchError } from '../errors.js';
import { parseRef } from '../integrity/definition-ref.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Reason, Verdict } from '../model/decision.js';
import type { DefinitionRef, RefText } from '../model/definition.js';
import type { ClassifiedChange } from '../model/drift.js';
import type { Waiver } from '../model/finding.js';
import type { VersionId } from '../model/fingerprint.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { Mask } from '../model/mask.js';
import { hasRole, type Principal } from '../model/principal.js';
import type { Schedule, Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { SeenVersion } from '../ports.js';
import { type Assessment, assess } from './assess.js';
import { type MonitorDeps, VANTAGE } from './deps.js';
import { type ServerSummary, summarise, worstOf } from './servers.js';

/** Everything that is known about one server. */
export interface ServerDetail extends ServerSummary {
  /** How many definitions and facts have which verdict; `undefined` where there is nothing to judge. */
  readonly counts: Readonly<Record<Verdict, number>> | undefined;
  /** Where it comes from as the configuration writes it, secrets left as `${VAR}`; as last seen where it is not configured any more. */
  readonly provenance: JsonObject | undefined;
  /** `undefined` where it is not configured any more. */
  readonly posture: Posture | undefined;
  /** What the newest complete observation held, and what is approved and gone since; what needs a person first. */
  readonly definitions: readonly DefinitionStanding[];
  /** Every version of every definition, in the order of reference and time. */
  readonly versions: readonly SeenVersion[];
  /** Newest first. */
  readonly requests: readonly ChangeRequest[];
  readonly waivers: readonly Waiver[];
  /** Complete observations so far. */
  readonly checks: number;
}

/** How strictly a server is watched. */
export interface Posture extends Pick<Server, 'firstUse' | 'maxUncheckedMs' | 'reviewEveryMs' | 'schedule'> {
  readonly schedule: Schedule;
  readonly masks: readonly Mask[];
  readonly limits: Limits;
}

/** How one definition stands. */
export interface DefinitionStanding {
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  /** `undefined` where the server does not show it any more. */
  readonly version: VersionId | undefined;
  /** `undefined` where nobody judges it: it is gone, or its server is not configured any more. */
  readonly verdict: Verdict | undefined;
  readonly reasons: readonly Reason[];
  /** How it differs from what is approved. */
  readonly change: ClassifiedChange | undefined;
  /** How many versions were ever seen. */
  readonly versions: number;
}

/**
 * Returns what is known about one server, evaluated now out of the store; connects to nothing.
 *
 * @throws {SealwatchError} `NOT_FOUND` also for a server that the principal may not see, so that its name stays unknown; `STORE_…`,
 *   `AUDIT_BROKEN`
 */
export async function loadServer(
  principal: Principal,
  id: string,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ServerDetail> {
  const { store } = deps;
  const server = servers.find((one) => one.id === id);
  const check = (await store.listChecks()).find((one) => one.server === id && one.vantage === VANTAGE);
  const known = server?.id ?? check?.server;
  if (known === undefined || !hasRole(principal, 'viewer', known)) {
    throw new SealwatchError('NOT_FOUND', 'there is no such server');
  }
  const requests = (await store.listRequests({ server: known })).toReversed();
  const versions = await store.historyOf(known);
  const open = requests.find(({ state }) => state === 'open');
  const summary = summarise(known, { server, check, open }, deps);
  const shared = { versions, requests, checks: check?.last?.checks ?? 0 };
  return server === undefined
    ? { ...summary, ...shared, ...(await unconfigured(known, versions, deps)) }
    : { ...summary, ...shared, ...judged(server, summary, await assess(server, deps), versions) };
}

type Judged = Pick<
  ServerDetail,
  'state' | 'counts' | 'provenance' | 'posture' | 'definitions' | 'waivers' | 'isAllOnHold'
>;

function judged(
  server: Server,
  summary: ServerSummary,
  assessment: Assessment,
  versions: readonly SeenVersion[],
): Judged {
  const { decisions, snapshot, standing } = assessment;
  const verdicts = decisions.map(({ verdict }) => verdict);
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  return {
    // The verdicts in force say it exactly; that it cannot be checked outweighs them.
    state: snapshot === undefined || summary.state === 'unchecked' ? summary.state : worstOf(verdicts),
    isAllOnHold: summary.isAllOnHold,
    counts: snapshot && { allow: count('allow'), hold: count('hold'), block: count('block') },
    provenance: server.provenance,
    posture: {
      firstUse: server.firstUse,
      schedule: server.schedule,
      maxUncheckedMs: server.maxUncheckedMs,
      reviewEveryMs: server.reviewEveryMs,
      masks: server.volatile,
      limits: server.limits,
    },
    definitions: standings(assessment, versions),
    waivers: standing.waivers,
  };
}

function standings(assessment: Assessment, versions: readonly SeenVersion[]): readonly DefinitionStanding[] {
  const { decisions, evaluation } = assessment;
  const changes = new Map(evaluation?.changes.map((change) => [change.refText, change]));
  const shown = decisions.map(
    ({ refText, version, verdict, reasons }): DefinitionStanding => ({
      ref: parseRef(refText),
      refText,
      version,
      verdict,
      reasons,
      change: changes.get(refText),
      versions: countOf(refText, versions),
    }),
  );
  const gone = [...changes.values()].filter(({ refText }) => !decisions.some((one) => one.refText === refText));
  return [...shown, ...gone.map((change) => goneStanding(change, versions))].toSorted(inOrder);
}

/** What needs a person comes first; a server may have four hundred tools. */
const VERDICT_ORDER: readonly (Verdict | undefined)[] = ['block', 'hold', undefined, 'allow'];

function inOrder(a: DefinitionStanding, b: DefinitionStanding): number {
  const byVerdict = VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict);
  if (byVerdict !== 0) return byVerdict;
  return a.refText < b.refText ? -1 : 1;
}

function goneStanding(change: ClassifiedChange, versions: readonly SeenVersion[]): DefinitionStanding {
  const { ref, refText } = change;
  return {
    ref,
    refText,
    version: undefined,
    verdict: undefined,
    reasons: [],
    change,
    versions: countOf(refText, versions),
  };
}

function countOf(refText: RefText, versions: readonly SeenVersion[]): number {
  return versions.filter((one) => one.refText === refText).length;
}

/** Without a configuration nobody knows the rules that it would be judged by: what was seen is listed, and nothing is called allowed. */
async function unconfigured(
  id: ServerId,
  versions: readonly SeenVersion[],
  deps: MonitorDeps,
): Promise<Omit<Judged, 'state' | 'isAllOnHold'>> {
  const snapshot = await deps.store.loadSnapshot(id, VANTAGE);
  const definitions = snapshot?.definitions ?? [];
  const provenance = definitions.find(({ ref }) => ref.kind === 'provenance')?.value;
  return {
    counts: undefined,
    provenance: isJsonObject(provenance) ? provenance : undefined,
    posture: undefined,
    definitions: definitions.map(({ ref, refText, version }) => ({
      ref,
      refText,
      version,
      verdict: undefined,
      reasons: [],
      change: undefined,
      versions: countOf(refText, versions),
    })),
    waivers: [],
  };
}
