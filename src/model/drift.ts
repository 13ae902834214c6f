import type { DefinitionRef, RefText } from './definition.js';
import type { VersionId } from './fingerprint.js';
import type { JsonValue } from './json.js';
import type { Pointer } from './pointer.js';

/** One place where two versions differ. `before` is absent where something was added, `after` where it was removed. */
export interface Edit {
  readonly pointer: Pointer;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/** What happened to one definition since it was approved. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed' | 'renamed' | 'reprovenanced';
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  /** The approved version; absent where it is new. */
  readonly before?: VersionId;
  /** The version seen; absent where it is gone. */
  readonly after?: VersionId;
  /** For `renamed`: the approved definition that vanished and is near-identical. */
  readonly renamedFrom?: RefText;
  readonly edits: readonly Edit[];
}

export type Drift = readonly Change[];

/** What a change means, most urgent first. */
export const CHANGE_CLASSES = [
  'hidden-text',
  'instruction',
  'identity',
  'capability',
  'destination',
  'rename',
  'narrowing',
  'removal',
  'wording',
  'cosmetic',
] as const;

export type ChangeClass = (typeof CHANGE_CLASSES)[number];

export const URGENCIES = ['info', 'low', 'high', 'critical'] as const;

export type Urgency = (typeof URGENCIES)[number];

/** Whom a class wakes. */
export const URGENCY_OF: Readonly<Record<ChangeClass, Urgency>> = {
  'hidden-text': 'critical',
  instruction: 'critical',
  identity: 'high',
  capability: 'high',
  destination: 'high',
  rename: 'high',
  narrowing: 'low',
  removal: 'low',
  wording: 'low',
  cosmetic: 'info',
};

/** A change with its meaning. */
export interface ClassifiedChange extends Change {
  readonly class: ChangeClass;
  /** Every class that applies, most urgent first: a policy that approves by class has to name all of them. */
  readonly classes?: readonly ChangeClass[];
  readonly urgency: Urgency;
  /** One sentence on why it has this class: `parameter "to" was added`. Server text quoted. */
  readonly because: string;
}

/** Returns the most urgent of several; `info` for none. */
export function mostUrgent(urgencies: readonly Urgency[]): Urgency {
  return urgencies.reduce<Urgency>(
    (worst, one) => (URGENCIES.indexOf(one) > URGENCIES.indexOf(worst) ? one : worst),
    'info',
  );
}
