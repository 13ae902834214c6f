import type { ComparedWithLock, LockCheck } from '../model/lock.js';
import { counted } from './counted.js';
import type { Line } from './line.js';
import { oneLine } from './one-line.js';
import { bodyLines, requestSummary } from './request-lines.js';

/** Returns everything that there is to see of one server that was compared with a lock, with the exact difference. */
export function lockCheckLines(check: LockCheck, width: number): readonly Line[] {
  const title = { kind: 'title', text: `${check.server}: ${lockCheckSummary(check)}` } as const;
  if (check.kind !== 'compared') return [title];
  return [title, ...pinLines(check), ...(check.view === undefined ? [] : bodyLines(check.view, width))];
}

/** Returns what came of one server, in one line without its name. Server text is quoted. */
export function lockCheckSummary(check: LockCheck): string {
  switch (check.kind) {
    case 'compared':
      return comparedSummary(check);
    case 'unchecked':
      return `could not be checked: ${check.code}: ${oneLine(check.message)}`;
    case 'not-locked':
      return 'in the configuration, but not in the lock: it was not looked at';
    case 'not-configured':
      return 'in the lock, but not in the configuration';
    case 'disabled':
      return 'in the lock, but disabled in the configuration: it was not looked at';
  }
}

function comparedSummary({ view, pins, compared }: ComparedWithLock): string {
  const parts = [
    ...(view === undefined ? [] : [`${view.request.urgency}: ${requestSummary(view.request)}`]),
    ...(pins === undefined ? [] : ['other pins']),
  ];
  return parts.length === 0 ? `as locked (${counted(compared, 'definition')})` : parts.join('; ');
}

function pinLines({ pins }: ComparedWithLock): readonly Line[] {
  if (pins === undefined) return [];
  return [
    ...pins.locked.map((pin) => ({ kind: 'removed', text: `pin ${oneLine(pin)}` }) as const),
    ...pins.configured.map((pin) => ({ kind: 'added', text: `pin ${oneLine(pin)}` }) as const),
  ];
}
