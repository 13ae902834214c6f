import { createHash } from 'node:crypto';

import { CHANGE_CLASSES, type ClassifiedChange, type Urgency } from '../model/drift.js';
import type { JsonValue } from '../model/json.js';
import type { LockCheck, LockPlaces } from '../model/lock.js';
import { makeVisible } from '../quote.js';
import { failureJson } from './sarif.js';
import { sarifLog } from './sarif-log.js';
import { lockSentence } from './lock-words.js';
import { summariseChange } from './summarise-change.js';

/** Results that are about a server and no definition of it. */
const SERVER_RULES = ['not-locked', 'not-configured', 'disabled', 'pins', 'package', 'blocked'] as const;

const RULES: readonly string[] = [...CHANGE_CLASSES, ...SERVER_RULES].toSorted();

/**
 * Returns a report as a SARIF 2.1.0 log: a result for each difference, at the lock file. A server that could not be checked makes the
 * run unsuccessful and is no result (OASIS SARIF 2.1.0, 3.20.14 executionSuccessful).
 */
export function lockToSarif(
  checks: readonly LockCheck[],
  run: { readonly version: string; readonly places: LockPlaces },
): JsonValue {
  return sarifLog({
    version: run.version,
    rules: RULES.map((rule) => ({ id: `lock/${rule}`, shortDescription: { text: `Not as locked: ${rule}` } })),
    failures: checks.flatMap((check) => (check.kind === 'unchecked' ? [failureJson(check)] : [])),
    results: checks.flatMap((check) => resultsOf(check, run.places)),
  });
}

function resultsOf(check: LockCheck, places: LockPlaces): readonly JsonValue[] {
  const { server } = check;
  switch (check.kind) {
    case 'as-locked':
    case 'unchecked':
      return [];
    case 'not-locked':
    case 'not-configured':
    case 'disabled':
      return [result({ rule: check.kind, urgency: 'high', text: lockSentence(check), place: server }, places)];
    case 'changed': {
      const { changes, findings } = check.requested;
      const known = findings.filter(({ refText }) => !changes.some((change) => change.refText === refText));
      return [
        ...changes.map((change) => result(changeResult(change), places)),
        ...known.map(({ message, refText }) =>
          result({ rule: 'blocked', urgency: 'high', text: message, place: refText }, places),
        ),
        ...check.refusals.map((text) =>
          result({ rule: 'package', urgency: 'high', text, place: `${server}/provenance/`, version: text }, places),
        ),
        ...(check.pinsChanged === undefined ? [] : [result({ ...PINS, place: server }, places)]),
      ];
    }
  }
}

const PINS = { rule: 'pins', urgency: 'high', text: 'the configuration asks its certificates for other keys' } as const;

function changeResult(change: ClassifiedChange): Result {
  const text = `${summariseChange(change)}: ${makeVisible(change.because)}`;
  const version = change.after ?? '';
  return { rule: change.class, urgency: change.urgency, text, place: change.refText, version };
}

interface Result {
  readonly rule: string;
  readonly urgency: Urgency;
  readonly text: string;
  readonly place: string;
  readonly version?: string;
}

function result({ rule, urgency, text, place, version = '' }: Result, { file, lineOf }: LockPlaces): JsonValue {
  const ruleId = `lock/${rule}`;
  const key = JSON.stringify([ruleId, place, version]);
  return {
    ruleId,
    ruleIndex: RULES.indexOf(rule),
    level: LEVELS[urgency],
    message: { text: `${place}: ${text}` },
    locations: [
      {
        // Code scanning of GitHub takes no result without a line.
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: lineOf(place) } },
        logicalLocations: [{ fullyQualifiedName: place, kind: 'member' }],
      },
    ],
    partialFingerprints: { 'sealwatchLock/v1': createHash('sha256').update(key).digest('hex') },
  };
}

/** A path as a reference by RFC 3986 section 4.2: a space, a `#` or a colon in a name would make it another one, or none. */
function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

const LEVELS: Readonly<Record<Urgency, string>> = { critical: 'error', high: 'error', low: 'warning', info: 'note' };
