import { canonicalize } from '../../src/integrity/canonicalize.js';
import { compareJson } from '../../src/integrity/compare-json.js';
import { formatRef } from '../../src/integrity/definition-ref.js';
import { fingerprintOf } from '../../src/integrity/fingerprint.js';
import type { RequestView } from '../../src/model/alert.js';
import type { Definition, DefinitionKind, DefinitionRef } from '../../src/model/definition.js';
import { type ChangeClass, type ClassifiedChange, mostUrgent, URGENCY_OF } from '../../src/model/drift.js';
import type { Finding } from '../../src/model/finding.js';
import type { JsonValue } from '../../src/model/json.js';
import { parseServerId } from '../../src/model/server-id.js';
import { compileRules } from '../../src/scan/compile-rules.js';
import { scanSnapshot } from '../../src/scan/scan-snapshot.js';
import { RULES, SIGNALS } from '../scan/make-definition.js';

const SERVER = parseServerId('github');

/** A few real rules, so that what is rendered does not change with every new one. */
const SHOWN = [
  'exfiltration-parameter',
  'hide-from-user',
  'impersonated-speaker',
  'invisible-characters',
  'prerequisite-directive',
  'sensitive-file',
  'standing-rule',
];
const pack = compileRules(
  RULES.filter(({ id }) => SHOWN.includes(id)),
  SIGNALS,
);

export interface Step {
  readonly kind?: DefinitionKind;
  readonly name?: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly class: ChangeClass;
  readonly because: string;
  readonly change?: ClassifiedChange['kind'];
  readonly renamedFrom?: string;
}

/** A request as the pipeline makes it: real fingerprints, real edits, real findings. */
export function makeView(...steps: readonly Step[]): RequestView {
  const contents = new Map<string, string>();
  const findings: Finding[] = [];
  const changes = steps.map((step): ClassifiedChange => {
    const ref: DefinitionRef = { server: SERVER, kind: step.kind ?? 'tool', name: step.name ?? '' };
    const refText = formatRef(ref);
    const before = step.before === undefined ? undefined : keep(step.before, contents);
    const after = step.after === undefined ? undefined : keep(step.after, contents);
    if (step.after !== undefined && after !== undefined) findings.push(...scan(ref, after, step.after));
    const edits = step.before === undefined || step.after === undefined ? [] : compareJson(step.before, step.after);
    return {
      kind: step.change ?? (before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'),
      ref,
      refText,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(step.renamedFrom === undefined ? {} : { renamedFrom: formatRef({ ...ref, name: step.renamedFrom }) }),
      edits,
      class: step.class,
      urgency: URGENCY_OF[step.class],
      because: step.because,
    };
  });
  return {
    request: {
      id: 7,
      server: SERVER,
      vantage: 'default',
      state: 'open',
      flapping: false,
      review: [],
      endorsements: [],
      openedAt: '2026-11-22T10:00:00.000Z',
      urgency: mostUrgent(changes.map(({ urgency }) => urgency)),
      changes,
      findings,
      target: new Map(),
      asked: `sha256:${'0'.repeat(64)}`,
      digest: `sha256:${'0'.repeat(64)}`,
      provenance: `v1:sha256:${'0'.repeat(64)}`,
    },
    contents,
  };
}

function keep(value: JsonValue, contents: Map<string, string>): string {
  const content = canonicalize(value);
  const version = fingerprintOf(content);
  contents.set(version, content);
  return version;
}

function scan(ref: DefinitionRef, version: string, value: JsonValue): readonly Finding[] {
  const definition: Definition = {
    ref,
    refText: formatRef(ref),
    version,
    rawFingerprint: undefined,
    value,
    content: canonicalize(value),
    flaws: [],
    inexactNumbers: [],
    masked: [],
  };
  const snapshot = {
    server: SERVER,
    vantage: 'default',
    protocolVersion: '2025-11-25',
    definitions: [definition],
    digest: '',
    rawDigest: '',
    setHashes: {
      tools: undefined,
      prompts: undefined,
      resources: undefined,
      resourceTemplates: undefined,
      instructions: undefined,
    },
  };
  return scanSnapshot(snapshot, [], pack);
}
