import type { LockCheck } from '../model/lock.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import type { VersionId } from '../model/fingerprint.js';
import { mostUrgent } from '../model/drift.js';
import type { Scanner } from '../ports.js';
import type { Policy } from '../model/policy.js';
import { packageRefusalsOf } from '../policy/hold-package.js';
import { evaluate, scanByRules } from './evaluate.js';

/**
 * Returns whether a server is as it was locked, by the same comparison, rules and classes as everywhere, and with no store: nothing is
 * recorded, and no policy approves anything. What the policy asks of packages is asked here too.
 */
export async function checkLock(
  snapshot: Snapshot,
  baseline: Baseline,
  neighbours: readonly Neighbour[],
  deps: { readonly scanner: Scanner; readonly now: Date; readonly packages: Policy['packages'] },
): Promise<LockCheck> {
  const { server } = snapshot;
  const scans = await scanByRules(snapshot, baseline, neighbours, deps);
  const surroundings = { server: { firstUse: 'hold', reviewEveryMs: undefined }, now: deps.now } as const;
  const policy = { autoApprove: [], blockLevel: 'critical', twoPersons: [] } as const;
  const { requested } = evaluate(snapshot, { baseline, waivers: [] }, surroundings, scans, policy);
  const refusals = packageRefusalsOf(snapshot, deps.packages, deps.now);
  if (requested === undefined && refusals.length === 0) return { kind: 'as-locked', server };
  const { changes, findings, urgency } = requested ?? NOTHING;
  // That the server comes from elsewhere is a change of its own; every definition would say it again.
  const own = changes.filter(({ kind }) => kind !== 'reprovenanced');
  const worst = refusals.length === 0 ? urgency : mostUrgent([urgency, 'high']);
  return {
    kind: 'changed',
    server,
    requested: { changes: own, findings, urgency: worst },
    contents: contentsOf(baseline, snapshot),
    pinsChanged: undefined,
    refusals,
  };
}

function contentsOf({ approved }: Baseline, { definitions }: Snapshot): ReadonlyMap<VersionId, string> {
  const all = [...approved.values(), ...definitions];
  return new Map(all.map(({ version, content }) => [version, content]));
}

/** Returns a check with what the configuration asks certificates for compared too. */
export function withPins(check: LockCheck, locked: readonly string[], configured: readonly string[]): LockCheck {
  const pinsChanged = { locked, configured: [...configured].sort() };
  if (JSON.stringify(pinsChanged.locked) === JSON.stringify(pinsChanged.configured)) return check;
  switch (check.kind) {
    case 'as-locked':
      return {
        kind: 'changed',
        server: check.server,
        requested: NOTHING,
        contents: new Map(),
        pinsChanged,
        refusals: [],
      };
    case 'changed': {
      const urgency = mostUrgent([check.requested.urgency, 'high']);
      return { ...check, requested: { ...check.requested, urgency }, pinsChanged };
    }
    case 'not-locked':
    case 'not-configured':
    case 'disabled':
    case 'unchecked':
      return check;
  }
}

const NOTHING = { changes: [], findings: [], urgency: 'high' } as const;
