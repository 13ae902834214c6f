import type { Definition } from '../model/definition.js';
import type { JsonObject } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { Face } from '../model/observation.js';
import { canonicalize } from './canonicalize.js';
import { type Found, oversizeFlaws } from './found.js';

/**
 * Returns what a server shows to others than to us, one fact for each definition that is another one there: what it is for them, or
 * `null` where they are not shown it. Where everybody is shown the same there is none.
 */
export function readFaces(
  own: readonly Definition[],
  faces: readonly (Pick<Face, 'vantage'> & { readonly definitions: readonly Definition[] })[],
  limits: Limits,
): readonly Found[] {
  const ours = byRef(own);
  return faces.flatMap(({ vantage, definitions }) => {
    const theirs = byRef(definitions);
    const all = new Map([...ours, ...theirs]);
    return [...all].flatMap(([refText, [one]]) => {
      const shown = theirs.get(refText) ?? [];
      const isSame = versionsOf(ours.get(refText)) === versionsOf(shown);
      return isSame || one === undefined ? [] : [faceOf(vantage, one, shown, limits)];
    });
  });
}

function byRef(definitions: readonly Definition[]): ReadonlyMap<string, readonly Definition[]> {
  const found = new Map<string, readonly Definition[]>();
  for (const one of definitions) {
    // Where it comes from is what we wrote: the same whoever asks.
    if (one.ref.kind === 'provenance') continue;
    found.set(one.refText, [...(found.get(one.refText) ?? []), one]);
  }
  return found;
}

/** Two definitions of one name are compared together: each of them is malformed. */
function versionsOf(definitions: readonly Definition[] = []): string {
  return definitions.map(({ version }) => version).join(' ');
}

function faceOf(vantage: string, one: Definition, shown: readonly Definition[], limits: Limits): Found {
  const { refText } = one;
  const { server } = one.ref;
  const value: JsonObject = {
    vantage,
    differsFor: refText,
    // The value alone would not tell numbers apart that a double cannot carry, nor what a mask covers.
    version: versionsOf(shown),
    shown: shown.length === 0 ? null : shown.map(({ value: whole, content }) => whole ?? content),
  };
  const text = canonicalize(value);
  const ref = { server, kind: 'face', name: `${vantage} ${refText.slice(server.length + 1)}` } as const;
  return { ref, text, value, flaws: oversizeFlaws(text, limits), inexact: [] };
}
