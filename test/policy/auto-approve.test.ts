import { describe, expect, test } from 'vitest';

import type { Finding } from '../../src/model/finding.js';
import { DEFAULT_POLICY, type Policy } from '../../src/model/policy.js';
import type { Baseline, Snapshot } from '../../src/model/snapshot.js';
import { policyApprovals } from '../../src/policy/auto-approve.js';
import { requestChange } from '../../src/policy/request-change.js';
import { approvedBaseline, judge, snapshotOf, type Surface } from './judge.js';

const tool = (members: object = {}): Surface => ({
  tools: [JSON.stringify({ name: 'a', description: 'Adds.', ...members })],
});
const bound = (maximum: number, members: object = {}): Surface =>
  tool({ inputSchema: { type: 'object', properties: { n: { maximum } } }, ...members });
const EMPTY: Baseline = { approved: new Map(), isEmpty: true };

function finding(snapshot: Snapshot, overrides: Partial<Finding>): Finding {
  const { version = '' } = snapshot.definitions.find(({ refText }) => refText === 'acme/tool/a') ?? {};
  return {
    rule: 'a-rule',
    refText: 'acme/tool/a',
    version,
    pointer: '',
    excerpt: '',
    severity: 'high',
    confidence: 'high',
    message: 'it says so',
    blocks: false,
    means: undefined,
    remediation: '',
    ...overrides,
  };
}

function approvedBy(
  autoApprove: Policy['autoApprove'],
  before: Surface,
  after: Surface,
  grave: readonly Partial<Finding>[] = [],
): readonly (readonly [string, string])[] {
  const snapshot = snapshotOf(after);
  const approvals = policyApprovals({
    changes: judge(before, after).changes,
    findings: grave.map((one) => finding(snapshot, one)),
    snapshot,
    baseline: approvedBaseline(snapshotOf(before)),
    policy: { ...DEFAULT_POLICY, autoApprove },
    firstUse: 'hold',
  });
  return approvals.map(({ refText, policy }) => [refText, policy]);
}

describe('a policy that names classes', () => {
  test('approves a change that means nothing else, and the record names it', () => {
    expect(approvedBy(['cosmetic'], tool({ _meta: { a: 1 } }), tool({ _meta: { a: 2 } }))).toEqual([
      ['acme/tool/a', 'autoApprove: cosmetic'],
    ]);
    expect(approvedBy(['removal'], tool(), {})).toEqual([['acme/tool/a', 'autoApprove: removal']]);
  });

  test.each<[string, Surface, Surface]>([
    ['a tightened bound: whether a schema accepts less is for a person to see', bound(9), bound(3)],
    ['a description along with a tightened bound', bound(9), bound(3, { description: 'Adds always first.' })],
    ['a new host along with a tightened bound', bound(9), bound(3, { _meta: { a: 'https://evil.net' } })],
    ['words that come with a new enum', tool({ inputSchema: {} }), tool({ inputSchema: { enum: ['use me first'] } })],
    ['a class that is not named', bound(3), bound(9)],
    ['what is new', {}, tool()],
    ['a rename', tool(), { tools: ['{"name":"b","description":"Adds."}'] }],
    ['what became malformed', tool(), { tools: ['{"name":"a","name":"a"}'] }],
  ])('does not approve %s', (_, before, after) => {
    expect(approvedBy(['cosmetic', 'removal'], before, after)).toEqual([]);
  });

  test('does not approve a change that carries two classes of which it names one', () => {
    expect(approvedBy(['cosmetic'], bound(9, { _meta: { a: 1 } }), bound(3, { _meta: { a: 2 } }))).toEqual([]);
  });

  test.each<[string, Partial<Finding>, number]>([
    ['at the block level', { severity: 'high' }, 0],
    ['that blocks, however small', { severity: 'info', blocks: true }, 0],
    ['that says the scan could not be made', { severity: 'info', rule: 'scan-incomplete' }, 0],
    ['below the block level', { severity: 'medium' }, 1],
    ['on another version', { version: 'v1:sha256:0' }, 1],
  ])('minds a finding %s', (_, grave, count) => {
    expect(approvedBy(['cosmetic'], tool({ _meta: { a: 1 } }), tool({ _meta: { a: 2 } }), [grave])).toHaveLength(count);
  });

  test('approves nothing while the server comes from somewhere that nobody approved', () => {
    const moved: Surface = { ...bound(3), provenance: { type: 'http', url: 'https://b.example' } };
    expect(
      approvedBy(['cosmetic', 'removal'], tool({ _meta: { a: 1 } }), {
        ...tool({ _meta: { a: 2 } }),
        provenance: moved.provenance!,
      }),
    ).toEqual([]);
  });
});

describe('what is seen first', () => {
  const first = (firstUse: 'hold' | 'trust', grave: readonly Partial<Finding>[] = []) => {
    const snapshot = snapshotOf(tool());
    const { changes } = judge({}, tool());
    const facts = judge(tool(), { ...tool(), provenance: { command: 'other' } }).changes.filter(
      ({ ref }) => ref.kind !== 'tool',
    );
    return policyApprovals({
      changes: [...facts, ...changes],
      findings: grave.map((one) => finding(snapshot, one)),
      snapshot,
      baseline: EMPTY,
      policy: DEFAULT_POLICY,
      firstUse,
    }).map(({ refText, policy }) => [refText, policy]);
  };

  test('is held, unless the configuration trusts it', () => {
    expect(first('hold')).toEqual([]);
    expect(first('trust')).toEqual([
      ['acme/provenance/', 'firstUse: trust'],
      ['acme/server/', 'firstUse: trust'],
      ['acme/tool/a', 'firstUse: trust'],
    ]);
  });

  test('is held all the same with a grave finding', () => {
    expect(first('trust', [{}]).map(([refText]) => refText)).toEqual(['acme/provenance/', 'acme/server/']);
  });
});

test('what a policy approves is not asked about as well', () => {
  const snapshot = snapshotOf(bound(3));
  const { changes } = judge(bound(9), bound(3));
  const approval = { refText: 'acme/tool/a', version: 'v', provenance: 'p', policy: 'autoApprove: cosmetic' };
  expect(requestChange(changes, [], snapshot, [])?.changes).toHaveLength(1);
  expect(requestChange(changes, [], snapshot, [approval])).toBeUndefined();
});
