import type { LockCheck } from '../model/lock.js';
import { makeVisible } from '../quote.js';
import { maskSecrets } from './mask-secrets.js';
import { summariseChange } from './summarise-change.js';

/** Returns in one sentence what became of a server. */
export function lockSentence(check: LockCheck): string {
  switch (check.kind) {
    case 'as-locked':
      return 'as locked';
    case 'changed':
      return newsOf(check).join('; ');
    case 'not-locked':
      return 'is in the configuration and not in the lock: nobody has reviewed it';
    case 'not-configured':
      return 'is in the lock and not in the configuration: it was not looked at';
    case 'disabled':
      return 'is in the lock and disabled in the configuration: it was not looked at';
    case 'unchecked':
      return `could not be checked: ${check.code} ${makeVisible(check.message)}`;
  }
}

type Changed = Extract<LockCheck, { kind: 'changed' }>;

/** One difference in one sentence, and what it is about: a server, or a definition. */
interface News {
  readonly place: string;
  readonly text: string;
}

/** Returns each difference in one sentence. */
export function newsOf(check: Changed): readonly string[] {
  return placedNews(check).map(({ text }) => text);
}

/** The same with what each is about. */
export function placedNews({ server, requested, pinsChanged, refusals }: Changed): readonly News[] {
  const changes = requested.changes.map((change) => ({
    place: change.refText,
    text: `${change.urgency}: ${summariseChange(change)} (${change.class}): ${makeVisible(change.because)}`,
  }));
  const pins =
    pinsChanged === undefined
      ? []
      : [{ place: server, text: 'high: the configuration asks its certificates for other keys' }];
  const known = requested.findings.filter(
    ({ refText, version }) => !requested.changes.some((one) => one.refText === refText && one.after === version),
  );
  const findings = known.map(({ severity, rule, refText }) => ({
    place: refText,
    text: `${severity}: ${rule} in ${makeVisible(refText)}, which is as locked`,
  }));
  const refused = refusals.map((text) => ({ place: `${server}/provenance/`, text: `high: ${text}` }));
  return [...changes, ...pins, ...refused, ...findings].map(({ place, text }) => ({ place, text: maskSecrets(text) }));
}

/** Returns whether a person has to look, whatever else holds. */
export function needsPerson({ kind }: LockCheck): boolean {
  return kind !== 'as-locked' && kind !== 'unchecked';
}

/** Returns the counts in one line: `1 of 3 servers as locked; 1 differs; 1 could not be checked`. */
export function lockSummary(checks: readonly LockCheck[]): string {
  const count = (wanted: (check: LockCheck) => boolean): number => checks.filter(wanted).length;
  const asLocked = count(({ kind }) => kind === 'as-locked');
  const differing = count(needsPerson);
  const unchecked = count(({ kind }) => kind === 'unchecked');
  const parts = [
    `${asLocked} of ${checks.length} ${checks.length === 1 ? 'server' : 'servers'} as locked`,
    differing === 0 ? '' : `${differing} ${differing === 1 ? 'differs' : 'differ'}`,
    unchecked === 0 ? '' : `${unchecked} could not be checked`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}
