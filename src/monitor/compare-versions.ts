import { SealwatchError } from '../errors.js';
import { compareJson } from '../integrity/compare-json.js';
import { formatRef, parseRef } from '../integrity/definition-ref.js';
import type { RequestView } from '../model/alert.js';
import type { Definition, DefinitionRef, RefText } from '../model/definition.js';
import type { Change, ClassifiedChange } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { isMalformed } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import { hasRole, type Principal } from '../model/principal.js';
import type { Snapshot } from '../model/snapshot.js';
import { classifyChanges } from '../policy/classify-change.js';
import type { SeenVersion } from '../ports.js';
import { findingsNewIn } from '../scan/findings-new-in.js';
import { type MonitorDeps, VANTAGE } from './deps.js';

/** Every version of one definition that was ever seen. */
export interface DefinitionHistory {
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  /** Oldest first. */
  readonly versions: readonly SeenVersion[];
}

/** Two versions of one definition. */
export interface Comparison {
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  readonly from: SeenVersion;
  readonly to: SeenVersion;
  /** What a change from one to the other would mean, in the form in which a change request is shown; its request has number 0 and asks for nothing. */
  readonly view: RequestView;
}

/**
 * Returns every version of a definition.
 *
 * @throws {SealwatchError} `NOT_FOUND` where it was never seen, or is of a server that the principal may not see; `REF_INVALID`
 */
export async function loadHistory(
  principal: Principal,
  text: string,
  deps: Pick<MonitorDeps, 'store'>,
): Promise<DefinitionHistory> {
  const ref = parseRef(text);
  const refText = formatRef(ref);
  const versions = hasRole(principal, 'viewer', ref.server) ? await deps.store.history(refText) : [];
  if (versions.length === 0) throw new SealwatchError('NOT_FOUND', 'no such definition was ever seen');
  return { ref, refText, versions };
}

/**
 * Returns how two versions of a definition differ, whichever was first, approved or not, with what the rules find in the second.
 *
 * @throws {SealwatchError} `NOT_FOUND` where one was never seen, or is of a server that the principal may not see; `REF_INVALID`
 */
export async function compareVersions(
  principal: Principal,
  asked: { readonly refText: string; readonly from: string; readonly to: string },
  deps: MonitorDeps,
): Promise<Comparison> {
  const { ref, refText, versions } = await loadHistory(principal, asked.refText, deps);
  const from = versionOf(versions, asked.from);
  const to = versionOf(versions, asked.to);
  const neighbours = await deps.store.loadNeighbours(ref.server);
  const scan = (seen: SeenVersion): Promise<readonly Finding[]> =>
    deps.scanner.scan(snapshotOf(definitionOf(ref, seen)), neighbours);
  const findings = await scan(to);
  const changes = classify({ ref, refText, from, to }, findingsNewIn(await scan(from), findings));
  return { ref, refText, from, to, view: viewOf(changes, findings, { from, to }, ref) };
}

function versionOf(versions: readonly SeenVersion[], asked: string): SeenVersion {
  const found = versions.find(({ version }) => version === asked);
  if (found === undefined) throw new SealwatchError('NOT_FOUND', 'no such version was ever seen');
  return found;
}

type Pair = Pick<Comparison, 'from' | 'to'>;

function classify(
  { ref, refText, from, to }: Omit<Comparison, 'view'>,
  newFindings: readonly Finding[],
): readonly ClassifiedChange[] {
  if (from.version === to.version) return [];
  const [before, after] = [valueOf(from), valueOf(to)];
  const edits = before === undefined || after === undefined ? [] : compareJson(before, after);
  const change: Change = { kind: 'changed', ref, refText, before: from.version, after: to.version, edits };
  const documents = (value: JsonValue | undefined): ReadonlyMap<RefText, JsonValue> =>
    new Map(value === undefined ? [] : [[refText, value]]);
  return classifyChanges([change], {
    newFindings: new Map([[refText, newFindings]]),
    before: documents(before),
    after: documents(after),
  });
}

/** Our own canonical form, which JSON.parse reads exactly; what is malformed has none. */
function valueOf({ version, content }: SeenVersion): JsonValue | undefined {
  return isMalformed(version) ? undefined : (JSON.parse(content) as JsonValue);
}

function definitionOf(ref: DefinitionRef, seen: SeenVersion): Definition {
  const { refText, version, content } = seen;
  const value = valueOf(seen);
  return {
    ref,
    refText,
    version,
    rawFingerprint: undefined,
    value,
    content,
    flaws: [],
    inexactNumbers: [],
    masked: [],
  };
}

/** One definition as if it were all that its server declares: comparing looks at nothing else. */
function snapshotOf(definition: Definition): Snapshot {
  return {
    server: definition.ref.server,
    vantage: VANTAGE,
    protocolVersion: '',
    definitions: [definition],
    digest: '',
    setHashes: {
      tools: undefined,
      prompts: undefined,
      resources: undefined,
      resourceTemplates: undefined,
      instructions: undefined,
    },
    rawDigest: '',
  };
}

function viewOf(
  changes: readonly ClassifiedChange[],
  findings: readonly Finding[],
  { from, to }: Pair,
  ref: DefinitionRef,
): RequestView {
  return {
    request: {
      id: 0,
      server: ref.server,
      vantage: VANTAGE,
      state: 'withdrawn',
      flapping: false,
      openedAt: to.firstSeenAt,
      endorsements: [],
      urgency: changes[0]?.urgency ?? 'info',
      changes,
      findings,
      review: [],
      target: new Map(),
      asked: '',
      digest: '',
      provenance: '',
    },
    contents: new Map([from, to].map(({ version, content }) => [version, content])),
  };
}
