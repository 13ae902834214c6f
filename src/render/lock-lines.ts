import type { LockCheck } from '../model/lock.js';
import { URGENCIES } from '../model/drift.js';
import { changeLines } from './change-lines.js';
import { blankLine, type Line } from './line.js';
import { lockSentence } from './lock-words.js';
import { maskSecrets } from './mask-secrets.js';
import { unchangedFindings } from './request-lines.js';

/** Returns everything there is to see of one server that was compared with a lock: for one that differs, the exact difference. */
export function lockLines(check: LockCheck, width: number): readonly Line[] {
  if (check.kind !== 'changed') return [{ kind: 'title', text: `${check.server}: ${lockSentence(check)}` }];
  const { requested, contents, pinsChanged, refusals } = check;
  const changes = requested.changes.toSorted((a, b) => URGENCIES.indexOf(b.urgency) - URGENCIES.indexOf(a.urgency));
  const lines: readonly Line[] = [
    { kind: 'title', text: `${check.server}: not as locked, ${requested.urgency}`, urgency: requested.urgency },
    ...changes.flatMap((change) => [blankLine(), ...changeLines(change, { request: requested, contents }, width)]),
    ...pinLines(pinsChanged),
    ...refusals.flatMap(refusalLines),
    ...unchangedFindings(requested, width),
  ];
  return lines.map((line) => ({ ...line, text: maskSecrets(line.text) }));
}

function refusalLines(text: string): readonly Line[] {
  return [blankLine(), { kind: 'title', text: `high: ${text}`, urgency: 'high' }];
}

function pinLines(pins: Extract<LockCheck, { kind: 'changed' }>['pinsChanged']): readonly Line[] {
  if (pins === undefined) return [];
  return [
    blankLine(),
    { kind: 'title', text: 'high: the configuration asks its certificates for other keys', urgency: 'high' },
    ...pins.locked.map((text): Line => ({ kind: 'removed', text })),
    ...pins.configured.map((text): Line => ({ kind: 'added', text })),
  ];
}
