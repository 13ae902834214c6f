import { parseRef } from '../integrity/definition-ref.js';
import type { Definition, RefText } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';

/** Returns the approved versions of some definitions in the form of a snapshot, so that they can be scanned like one. */
export function approvedAsSnapshot(baseline: Baseline, like: Snapshot, refTexts: readonly RefText[]): Snapshot {
  const definitions = refTexts.flatMap((refText): readonly Definition[] => {
    const approved = baseline.approved.get(refText);
    if (approved === undefined) return [];
    return [
      {
        ref: parseRef(refText),
        refText,
        version: approved.version,
        rawFingerprint: undefined,
        // Our own canonical form: JSON.parse reads it exactly, members named `__proto__` included.
        value: JSON.parse(approved.content) as JsonValue,
        content: approved.content,
        flaws: [],
        inexactNumbers: [],
        masked: [],
      },
    ];
  });
  return { ...like, definitions };
}
