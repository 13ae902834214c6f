import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import type { Definition } from '../../src/model/definition.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/model/limits.js';
import type { Mask } from '../../src/model/mask.js';
import type { Observation, Page } from '../../src/model/observation.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { Baseline, Snapshot } from '../../src/model/snapshot.js';

/** An observation of a server that lists what the test says, and nothing else. */
export function observe(parts: Partial<Observation> = {}): Observation {
  return {
    server: parseServerId('github'),
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake:
      '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"demo","version":"1.0.0"}}',
    pages: [],
    provenance: { type: 'stdio', command: 'node' },
    rawDigest: '00',
    durationMs: 1,
    remarks: [],
    ...parts,
  };
}

/** A page of tools by the text of their array. */
export function tools(array: string): Page {
  return { method: 'tools/list', result: `{"tools":${array}}` };
}

/** A snapshot of tools by their texts. */
export function snapshotOfTools(...texts: readonly string[]): Snapshot {
  return snapshotOf(observe({ pages: [tools(`[${texts.join(',')}]`)] }));
}

export function snapshotOf(
  observation: Observation,
  options: { readonly volatile?: readonly Mask[]; readonly limits?: Partial<Limits> } = {},
): Snapshot {
  return takeSnapshot(observation, {
    volatile: options.volatile ?? [],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
}

export function definitionsOf(snapshot: Snapshot, kind: Definition['ref']['kind']): readonly Definition[] {
  return snapshot.definitions.filter(({ ref }) => ref.kind === kind);
}

/** A baseline in which all of a snapshot is approved. */
export function approvalOf(snapshot: Snapshot): Baseline {
  const provenance = definitionsOf(snapshot, 'provenance')[0]!.version;
  return {
    isEmpty: false,
    approved: new Map(
      snapshot.definitions.map(({ refText, version, content }) => [
        refText,
        { refText, version, content, provenance, approval: 1, approvedAt: '2026-01-01T00:00:00.000Z' },
      ]),
    ),
  };
}
