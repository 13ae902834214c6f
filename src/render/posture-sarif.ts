import { createHash } from 'node:crypto';

import type { JsonValue } from '../model/json.js';
import type { PostureLine } from '../model/posture.js';
import { sarifLog } from './sarif-log.js';

/** What one server meets. */
export interface PostureReport {
  readonly server: string;
  readonly lines: readonly PostureLine[];
}

const KINDS = { met: 'pass', 'not met': 'fail', 'could not tell': 'open' } as const;

/**
 * Returns reports as a SARIF 2.1.0 log. Every line is a result: a requirement that is met passes, one that is not fails with a warning, and
 * one that nobody can tell is open, never passed (SARIF 2.1.0, 3.27.9 kind).
 */
export function toPostureSarif(reports: readonly PostureReport[], version: string): JsonValue {
  const titles = new Map(reports.flatMap(({ lines }) => lines.map(({ id, title }) => [id, title])));
  const ids = [...titles.keys()].toSorted();
  return sarifLog({
    version,
    rules: ids.map((id) => ({ id, shortDescription: { text: titles.get(id) ?? id } })),
    failures: [],
    results: reports.flatMap(({ server, lines }) =>
      lines.map((line) => resultJson(server, line, ids.indexOf(line.id))),
    ),
  });
}

function resultJson(server: string, { id, title, status, evidence }: PostureLine, ruleIndex: number): JsonValue {
  return {
    ruleId: id,
    ruleIndex,
    kind: KINDS[status],
    level: status === 'not met' ? 'warning' : 'none',
    message: { text: `${server}: ${status}: ${title} (${evidence})` },
    locations: [{ logicalLocations: [{ fullyQualifiedName: server, kind: 'module' }] }],
    partialFingerprints: {
      'sealwatchPosture/v1': createHash('sha256')
        .update(JSON.stringify([server, id]))
        .digest('hex'),
    },
  };
}
