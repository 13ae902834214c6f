import { parseRef } from '../integrity/definition-ref.js';
import type { Definition } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';

/** Returns everything that is approved in the form of a snapshot, so that it can be scanned like one. */
export function approvedAsSnapshot(baseline: Baseline, like: Snapshot): Snapshot {
  const definitions = [...baseline.approved.values()].map(
    (approved): Definition => ({
      ref: parseRef(approved.refText),
      refText: approved.refText,
      version: approved.version,
      rawFingerprint: undefined,
      // Our own canonical form: JSON.parse reads it exactly, members named `__proto__` included.
      value: JSON.parse(approved.content) as JsonValue,
      content: approved.content,
      flaws: [],
      inexactNumbers: [],
      masked: [],
    }),
  );
  return { ...like, definitions };
}
