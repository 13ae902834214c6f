import type { LockCheck, LockPlaces } from '../model/lock.js';
import { makeVisible } from '../quote.js';
import { lockSentence, placedNews } from './lock-words.js';

/** Returns a report as workflow commands of GitHub Actions, a line for each difference; none where all is as locked. */
export function lockToGitHub(checks: readonly LockCheck[], places: LockPlaces): readonly string[] {
  return checks.flatMap((check) => annotationsOf(check, places));
}

function annotationsOf(check: LockCheck, places: LockPlaces): readonly string[] {
  switch (check.kind) {
    case 'as-locked':
      return [];
    case 'changed':
      return placedNews(check).map(({ place, text }) =>
        annotation({ level: levelOf(text), title: `${check.server} is not as locked`, text }, place, places),
      );
    case 'not-locked':
    case 'not-configured':
    case 'disabled':
    case 'unchecked':
      return [
        annotation(
          { level: 'error', title: check.server, text: `${check.server} ${lockSentence(check)}` },
          check.server,
          places,
        ),
      ];
  }
}

function levelOf(sentence: string): 'error' | 'warning' {
  return /^(critical|high):/.test(sentence) ? 'error' : 'warning';
}

interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
}

function annotation({ level, title, text }: Annotation, place: string, { file, lineOf }: LockPlaces): string {
  const properties = `file=${escapeProperty(file)},line=${lineOf(place)},title=${escapeProperty(title)}`;
  return `::${level} ${properties}::${escapeData(makeVisible(text))}`;
}

/** Attack: a line break in server text that starts a workflow command of its own. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
