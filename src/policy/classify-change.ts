import type { RefText } from '../model/definition.js';
import {
  CHANGE_CLASSES,
  type Change,
  type ChangeClass,
  type ClassifiedChange,
  type Drift,
  URGENCY_OF,
} from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { isMalformed, type VersionId } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';
import { classifyEdits } from './classify-edits.js';
import { packageSentence } from './classify-package.js';
import { newHiddenRuns } from './hidden-runs.js';
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
    const meanings = meaningsOf(change, context);
    const worst = meanings.reduce((a, b) => (rank(b.class) < rank(a.class) ? b : a));
    const classes = [...new Set(meanings.map((meaning) => meaning.class))].sort((a, b) => rank(a) - rank(b));
    return { ...change, class: worst.class, classes, urgency: URGENCY_OF[worst.class], because: worst.because };
  });
}

function meaningsOf(change: Change, context: ChangeContext): readonly [Meaning, ...Meaning[]] {
  if (change.kind === 'removed') return [{ class: 'removal', because: removed(change) }];
  const before = context.before.get(change.renamedFrom ?? change.refText);
  const after = context.after.get(change.refText);
  const [first, ...others] = [
    ...ownMeanings(change),
    ...classifyEdits(change, before, after),
    ...fromFindings(context.newFindings.get(change.refText) ?? []),
    ...newHiddenRuns(before, after).map(fromHiddenRun),
    // What is new altogether is a capability whatever it names; a host is news where something else was there before.
    ...(before === undefined ? [] : newHosts(before, after).map(fromHost)),
  ];
  return first === undefined ? [unexplained()] : [first, ...others];
}

function removed({ ref }: Change): string {
  return ref.kind === 'certificate' ? 'the certificate was renewed' : 'it is gone';
}

function rank(meaning: ChangeClass): number {
  return CHANGE_CLASSES.indexOf(meaning);
}

/** What the kind of change means whatever stands in it. */
function ownMeanings(change: Change): readonly Meaning[] {
  switch (change.kind) {
    case 'added':
      return [addition(change)];
    case 'removed':
      return [];
    case 'renamed':
      return [
        { class: 'rename', because: `it looks like ${quote(change.renamedFrom ?? 'another one', 120)}, which is gone` },
      ];
    case 'reprovenanced':
      return [{ class: 'identity', because: 'the same definition, but the server comes from somewhere else' }];
    case 'changed':
      return changed(change);
  }
}

function addition({ ref }: Change): Meaning {
  switch (ref.kind) {
    case 'instructions':
      return { class: 'identity', because: 'the server sends instructions now' };
    case 'server':
      return { class: 'identity', because: 'nobody has approved what the server says that it is' };
    case 'provenance':
      return { class: 'identity', because: 'nobody has approved where the server comes from' };
    case 'face':
      return { class: 'identity', because: 'the server shows something else to others than to us' };
    case 'posture':
      return { class: 'identity', because: 'nobody has approved what the server meets of the specification' };
    case 'certificate':
      return { class: 'identity', because: 'the certificate of the server ends soon' };
    case 'tool':
    case 'prompt':
    case 'resource':
    case 'resource-template':
      return { class: 'capability', because: `this ${ref.kind.replace('-', ' ')} is new` };
  }
}

function changed({ ref, edits, before = '', after = '' }: Change): readonly Meaning[] {
  if (isMalformed(after)) {
    return [{ class: 'capability', because: 'it has no canonical form any more, so nobody can say what it is' }];
  }
  if (ref.kind === 'instructions') return [{ class: 'identity', because: 'the instructions of the server changed' }];
  if (ref.kind === 'provenance') return [{ class: 'identity', because: originSentence(edits) }];
  if (ref.kind === 'face') return [{ class: 'identity', because: 'what the server shows to others changed' }];
  // Digits that a double loses are in no edit: they must not slip through under a harmless one.
  return numbersOf(before) === numbersOf(after)
    ? []
    : [{ class: 'capability', because: 'numbers changed in digits that are lost in most readers' }];
}

/** The command may be the same, and what it runs is not. */
function originSentence(edits: Change['edits']): string {
  const ofPackage = packageSentence(edits);
  const isElsewhere = edits.some(({ pointer }) => pointerTokens(pointer)[0] !== 'package');
  const elsewhere = isElsewhere || ofPackage === undefined ? ['the server comes from somewhere else'] : [];
  return [...elsewhere, ...(ofPackage === undefined ? [] : [ofPackage])].join('; ');
}

/** Returns what a version says about numbers that a double cannot carry. */
function numbersOf(version: VersionId): string {
  return /\+numbers:[0-9a-f]*/.exec(version)?.[0] ?? '';
}

/** Two versions, and no difference to be seen between them: what a mask covers is another part now, or worse. */
function unexplained(): Meaning {
  return { class: 'capability', because: 'it differs from what was approved in a way that cannot be shown' };
}

function fromFindings(findings: readonly Finding[]): readonly Meaning[] {
  return findings.flatMap(({ means, message }) => (means === undefined ? [] : [{ class: means, because: message }]));
}

function fromHost(host: string): Meaning {
  return { class: 'destination', because: `it names ${quote(host, 80)}, which was not there before` };
}

function fromHiddenRun(run: string): Meaning {
  return { class: 'hidden-text', because: `there are characters that nobody sees: ${quote(run, 60)}` };
}
