import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import type { Evaluation } from '../../src/model/inspection.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { Observation, Page } from '../../src/model/observation.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { ApprovedVersion, Baseline, Snapshot } from '../../src/model/snapshot.js';
import { evaluate } from '../../src/monitor/evaluate.js';
import { provenanceOf } from '../../src/policy/request-change.js';
import { scansOf } from '../scan-here.js';

/** What a server declares, as JSON texts, so that a test can choose white space and order. */
export interface Surface {
  readonly handshake?: string;
  readonly tools?: readonly string[];
  readonly prompts?: readonly string[];
  readonly resources?: readonly string[];
  readonly provenance?: Observation['provenance'];
  readonly protocolVersion?: string;
}

const HANDSHAKE =
  '{"protocolVersion":"2025-11-25","serverInfo":{"name":"acme","version":"1.0.0"},"capabilities":{"tools":{}}}';

/** Returns the snapshot of a surface, through the real reader. */
export function snapshotOf(surface: Surface): Snapshot {
  const page = (method: Page['method'], member: string, items: readonly string[] = []): Page => ({
    method,
    result: `{"${member}":[${items.join(',')}]}`,
  });
  const handshake = surface.handshake ?? HANDSHAKE;
  const observation: Observation = {
    server: parseServerId('acme'),
    vantage: 'default',
    protocolVersion: surface.protocolVersion ?? (JSON.parse(handshake) as { protocolVersion: string }).protocolVersion,
    handshake,
    pages: [
      page('tools/list', 'tools', surface.tools),
      page('prompts/list', 'prompts', surface.prompts),
      page('resources/list', 'resources', surface.resources),
    ],
    provenance: surface.provenance ?? { type: 'stdio', command: 'acme' },
    rawDigest: '',
    durationMs: 0,
    remarks: [],
  };
  return takeSnapshot(observation, { volatile: [], limits: DEFAULT_LIMITS });
}

/** Returns a baseline in which everything in a snapshot is approved. */
export function approvedBaseline(snapshot: Snapshot): Baseline {
  const provenance = provenanceOf(snapshot);
  const approved = snapshot.definitions.map(
    ({ refText, version, content }, approval): readonly [string, ApprovedVersion] => [
      refText,
      { refText, version, content, provenance, approval, approvedAt: '2026-01-01T00:00:00.000Z' },
    ],
  );
  return { approved: new Map(approved), isEmpty: approved.length === 0 };
}

/** Returns what the second surface means where the first is approved, through the whole pure pipeline with the real rules. */
export function judge(before: Surface, after: Surface): Evaluation {
  const snapshot = snapshotOf(after);
  const baseline = approvedBaseline(snapshotOf(before));
  return evaluate(
    snapshot,
    { baseline, waivers: [] },
    { server: { firstUse: 'hold', reviewEveryMs: undefined }, now: new Date(0) },
    scansOf(snapshot, baseline),
    DEFAULT_POLICY,
  );
}
