import type { RefText } from '../model/definition.js';
import { CHANGE_CLASSES, type Change, type ClassifiedChange, type Drift, URGENCY_OF } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { isMalformed } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import { quote } from '../quote.js';
import { classifyEdits } from './classify-edits.js';
import { newHosts } from './hosts.js';
import type { Meaning } from './meaning.js';

/** What a change is judged by. Documents are whole definitions, by reference. */
export interface ChangeContext {
  /** Findings in the new version that the approved one did not have. */
  readonly newFindings: ReadonlyMap<RefText, readonly Finding[]>;
  /** The approved versions; of a renamed definition under the name that vanished. */
  readonly before: ReadonlyMap<RefText, JsonValue>;
  readonly after: ReadonlyMap<RefText, JsonValue>;
}

/**
 * Returns each change with the most urgent class that applies. Where it cannot be told what a change means, the more urgent
 * class is taken: an unknown is not harmless.
 */
export function classifyChanges(drift: Drift, context: ChangeContext): readonly ClassifiedChange[] {
  return drift.map((change) => {
    const worst = meaningsOf(change, context).reduce((a, b) => (rank(b) < rank(a) ? b : a));
    return { ...change, class: worst.class, urgency: URGENCY_OF[worst.class], because: worst.because };
  });
}

function meaningsOf(change: Change, context: ChangeContext): readonly [Meaning, ...Meaning[]] {
  const own = ownMeaning(change);
  if (change.kind === 'removed') return [own];
  const before = context.before.get(change.renamedFrom ?? change.refText);
  const after = context.after.get(change.refText);
  return [
    own,
    ...classifyEdits(change, before, after),
    ...fromFindings(context.newFindings.get(change.refText) ?? []),
    ...(before === undefined ? [] : newHosts(before, after).map(fromHost)),
  ];
}

function rank(meaning: Meaning): number {
  return CHANGE_CLASSES.indexOf(meaning.class);
}

/** What the kind of change means whatever stands in it. */
function ownMeaning(change: Change): Meaning {
  switch (change.kind) {
    case 'added':
      return addition(change);
    case 'removed':
      return { class: 'removal', because: 'it is gone' };
    case 'renamed':
      return { class: 'rename', because: `it looks like ${change.renamedFrom ?? 'another one'}, which is gone` };
    case 'reprovenanced':
      return { class: 'identity', because: 'the same definition, but the server comes from somewhere else' };
    case 'changed':
      return changed(change);
  }
}

function addition({ ref }: Change): Meaning {
  switch (ref.kind) {
    case 'instructions':
      return { class: 'identity', because: 'the server sends instructions now' };
    case 'server':
    case 'provenance':
      return { class: 'identity', because: 'the server is seen for the first time' };
    case 'tool':
    case 'prompt':
    case 'resource':
    case 'resource-template':
      return { class: 'capability', because: `this ${ref.kind.replace('-', ' ')} is new` };
  }
}

function changed({ ref, after, edits }: Change): Meaning {
  if (after !== undefined && isMalformed(after)) {
    return { class: 'capability', because: 'it has no canonical form any more, so nobody can say what it is' };
  }
  if (ref.kind === 'instructions') return { class: 'identity', because: 'the instructions of the server changed' };
  if (ref.kind === 'provenance') return { class: 'identity', because: 'the server comes from somewhere else' };
  if (edits.length > 0) return { class: 'cosmetic', because: 'nothing that a model or a person reads changed' };
  return { class: 'capability', because: 'numbers changed in digits that are lost in most readers' };
}

function fromFindings(findings: readonly Finding[]): readonly Meaning[] {
  return findings.flatMap(({ means, message }) => (means === undefined ? [] : [{ class: means, because: message }]));
}

function fromHost(host: string): Meaning {
  return { class: 'destination', because: `it names ${quote(host, 80)}, which was not there before` };
}
