import type { ClassifiedChange } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { shortVersion } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import { isAsLocked, type LockCheck } from '../model/lock.js';
import { lockCheckSummary } from './lock-lines.js';
import { oneLine } from './one-line.js';
import { type SarifRule, toSarif } from './sarif.js';
import { summariseChange } from './summarise-change.js';

/** Returns a comparison with a lock as a SARIF 2.1.0 log: what differs, and what was found in all that the servers declare. */
export function lockSarif(checks: readonly LockCheck[], rules: readonly SarifRule[], version: string): JsonValue {
  const results = checks.flatMap((check) => [...differences(check), ...findingsOf(check)]);
  const failures = checks.flatMap((check) => (check.kind === 'unchecked' ? [check] : []));
  return toSarif(results, [...rules, DIFFERS], { version, failures });
}

const RULE = 'differs-from-lock';

const REMEDY = 'Read the difference. If it is wanted, run `sealwatch lock` and have the new lock reviewed.';

const DIFFERS: SarifRule = {
  id: RULE,
  title: 'Differs from the lock',
  severity: 'high',
  confidence: 'high',
  maturity: 'stable',
  why: 'What a server tells a model is not what was reviewed.',
  remediation: REMEDY,
  references: [],
};

function findingsOf(check: LockCheck): readonly Finding[] {
  return check.kind === 'compared' ? check.findings : [];
}

function differences(check: LockCheck): readonly Finding[] {
  switch (check.kind) {
    case 'unchecked':
      return [];
    case 'not-locked':
    case 'not-configured':
    case 'disabled':
      return [ofServer(check)];
    case 'compared':
      if (isAsLocked(check)) return [];
      return [
        ...(check.pins === undefined && check.view?.request.changes.length !== 0 ? [] : [ofServer(check)]),
        ...(check.view?.request.changes ?? []).map(ofChange),
      ];
  }
}

function ofServer(check: LockCheck): Finding {
  return difference(`${check.server}/server/`, '', 'high', lockCheckSummary(check));
}

function ofChange(change: ClassifiedChange): Finding {
  const { refText, after, before, urgency, because } = change;
  return difference(refText, after ?? before ?? '', urgency, `${summariseChange(change)}: ${oneLine(because)}`);
}

/** The version is in the excerpt, and so in the fingerprint: who dismisses one change has not dismissed the next. */
function difference(refText: string, version: string, severity: Finding['severity'], message: string): Finding {
  return {
    rule: RULE,
    refText,
    version,
    pointer: '',
    excerpt: version === '' ? '' : shortVersion(version),
    severity,
    confidence: 'high',
    message,
    blocks: false,
    means: undefined,
    remediation: REMEDY,
  };
}
