import { describe, expect, test } from 'vitest';

import type { ChangeRequest, RequestState } from '../../src/model/change-request.js';
import type { Decision } from '../../src/model/decision.js';
import { combinedSeverity, type Finding, type Waiver } from '../../src/model/finding.js';
import { decide } from '../../src/policy/decide.js';
import { nextTransition } from '../../src/policy/next-transition.js';
import { requestChange } from '../../src/policy/request-change.js';
import { holdUnchecked } from '../../src/policy/unchecked.js';
import { withoutWaived } from '../../src/policy/waiver.js';
import { approvedBaseline, judge, snapshotOf } from './judge.js';

const TOOL = '{"name":"a","description":"Adds.","inputSchema":{"type":"object"}}';
const REF = 'acme/tool/a';

function finding(overrides: Partial<Finding> = {}): Finding {
  const { version } = snapshotOf({ tools: [TOOL] }).definitions.find(({ refText }) => refText === REF)!;
  return {
    rule: 'a-rule',
    refText: REF,
    version,
    pointer: '/description',
    excerpt: 'Adds.',
    severity: 'high',
    confidence: 'high',
    message: 'it says so',
    blocks: false,
    means: undefined,
    remediation: 'look',
    ...overrides,
  };
}

function verdictOn(refText: string, decisions: readonly Decision[]): readonly string[] {
  const decision = decisions.find((one) => one.refText === refText);
  return [decision?.verdict ?? 'none', ...(decision?.reasons.map(({ code }) => code) ?? [])];
}

describe('deciding', () => {
  const snapshot = snapshotOf({ tools: [TOOL] });
  const approved = approvedBaseline(snapshot);

  test('a clean scan approves nothing', () => {
    expect(verdictOn(REF, decide(snapshot, { approved: new Map(), isEmpty: true }, []))).toEqual([
      'hold',
      'NEVER_APPROVED',
    ]);
  });

  test('approved bytes from the approved origin are allowed, also with a finding that does not block', () => {
    expect(verdictOn(REF, decide(snapshot, approved, [finding()]))).toEqual(['allow', 'APPROVED']);
  });

  test('a finding that blocks blocks approved bytes too', () => {
    expect(verdictOn(REF, decide(snapshot, approved, [finding({ blocks: true })]))).toEqual([
      'block',
      'BLOCKED_BY_RULE',
    ]);
  });

  test('a finding on another version blocks nothing', () => {
    const other = finding({ blocks: true, version: 'v1:sha256:0' });
    expect(verdictOn(REF, decide(snapshot, approved, [other]))).toEqual(['allow', 'APPROVED']);
  });

  test('an approval without one for where the server comes from does not count', () => {
    const withoutOrigin = new Map([...approved.approved].filter(([refText]) => refText !== 'acme/provenance/'));
    expect(verdictOn(REF, decide(snapshot, { approved: withoutOrigin, isEmpty: false }, []))).toEqual([
      'hold',
      'PROVENANCE_CHANGED',
    ]);
  });

  test('every reason to hold is given', () => {
    const after = snapshotOf({ tools: ['{"name":"a","name":"a"}'], provenance: { type: 'stdio', command: 'other' } });
    expect(verdictOn(REF, decide(after, approved, []))).toEqual(['hold', 'MALFORMED', 'CHANGED', 'PROVENANCE_CHANGED']);
  });

  test('another server information holds nothing but itself', () => {
    const handshake = '{"protocolVersion":"2025-11-25","serverInfo":{"name":"other"},"capabilities":{"tools":{}}}';
    const decisions = decide(snapshotOf({ tools: [TOOL], handshake }), approved, []);
    expect(verdictOn('acme/server/', decisions)).toEqual(['hold', 'CHANGED']);
    expect(verdictOn(REF, decisions)).toEqual(['allow', 'APPROVED']);
  });

  test('two tools of one name are both held, whatever was approved', () => {
    const twins = snapshotOf({ tools: [TOOL, TOOL] });
    const verdicts = decide(twins, approved, []).filter(({ refText }) => refText === REF);
    expect(verdicts.map(({ verdict, reasons }) => [verdict, reasons[0]?.code])).toEqual([
      ['hold', 'MALFORMED'],
      ['hold', 'MALFORMED'],
    ]);
  });
});

describe('asking', () => {
  test('what is malformed or blocked is asked about, but approving it is not possible', () => {
    const { requested } = judge({}, { tools: ['{"name":"a","name":"a"}'] });
    expect(requested?.changes.map(({ refText }) => refText)).toEqual([REF]);
    expect([...requested!.target.keys()]).toEqual([]);
    const { changes } = judge({}, { tools: [TOOL] });
    const blocked = requestChange(changes, [finding({ blocks: true })], snapshotOf({ tools: [TOOL] }), []);
    expect([...blocked!.target.keys()]).toEqual([]);
  });

  test('a malformed definition that drifts on is another request', () => {
    const [first, second] = ['{"name":"a","name":"a"}', '{"name":"a","name":"a", "x":1}'].map(
      (tool) => judge({}, { tools: [tool] }).requested?.asked,
    );
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
  });

  test('a rename ends one approval and asks for another', () => {
    const renamed = { ...(JSON.parse(TOOL) as object), name: 'b' };
    const { requested } = judge({ tools: [TOOL] }, { tools: [JSON.stringify(renamed)] });
    expect([...requested!.target].map(([refText, version]) => [refText, version === null])).toEqual([
      [REF, true],
      ['acme/tool/b', false],
    ]);
  });

  test('a grave finding makes a harmless change urgent', () => {
    const { changes } = judge({ tools: [TOOL.replace('Adds', 'Sums')] }, { tools: [TOOL] });
    const request = (severity: Finding['severity']): string | undefined =>
      requestChange(changes, [finding({ severity })], snapshotOf({ tools: [TOOL] }), [])?.urgency;
    expect([request('critical'), request('high'), request('medium'), request('info')]).toEqual([
      'critical',
      'high',
      'low',
      'low',
    ]);
  });

  test.each<readonly [string, readonly Partial<Finding>[], Finding['severity'] | undefined]>([
    ['nothing', [], undefined],
    ['one rule', [{}], 'medium'],
    ['one rule in two places', [{}, { pointer: '/title' }], 'medium'],
    ['two rules', [{}, { rule: 'other' }], 'high'],
    ['two rules of which one is not sure of itself', [{}, { rule: 'other', confidence: 'low' }], 'medium'],
    ['two rules of which one says little', [{}, { rule: 'other', severity: 'low' }], 'medium'],
    ['two rules that say little', [{ severity: 'low' }, { rule: 'other', severity: 'low' }], 'low'],
    ['a worse one', [{}, { rule: 'other' }, { rule: 'third', severity: 'critical' }], 'critical'],
  ])('what %s finds is, together, as severe as that', (_what, some, together) => {
    const findings = some.map((one) => finding({ severity: 'medium', confidence: 'medium', ...one }));
    expect(combinedSeverity(findings)).toBe(together);
    const { changes } = judge({ tools: [TOOL.replace('Adds', 'Sums')] }, { tools: [TOOL] });
    const requested = requestChange(changes, findings, snapshotOf({ tools: [TOOL] }), []);
    expect(requested?.urgency).toBe(together === 'critical' || together === 'high' ? together : 'low');
  });
});

describe('what happens to a request', () => {
  const request = (id: number, asked: string, state: RequestState): ChangeRequest => ({
    id,
    asked,
    digest: '',
    state,
    server: snapshotOf({}).server,
    vantage: 'default',
    urgency: 'low',
    changes: [],
    findings: [],
    target: new Map(),
    provenance: '',
    flapping: false,
    review: [],
    endorsements: [],
    openedAt: '',
  });
  const open = request(7, 'a', 'open');

  test.each([
    ['nothing is open and nothing differs', undefined, undefined, undefined, { kind: 'none' }],
    ['it went back', open, undefined, undefined, { kind: 'withdraw', request: 7 }],
    ['the same is still asked', open, 'a', open, { kind: 'keep', request: 7 }],
    ['something is new', undefined, 'a', undefined, { kind: 'open' }],
    ['it drifted on', open, 'b', undefined, { kind: 'supersede', request: 7 }],
    [
      'it alternates, with nothing open',
      undefined,
      'b',
      request(3, 'b', 'withdrawn'),
      { kind: 'reopen', request: 3, supersedes: undefined },
    ],
    [
      'it alternates between two changes',
      open,
      'b',
      request(3, 'b', 'superseded'),
      { kind: 'reopen', request: 3, supersedes: 7 },
    ],
    ['somebody said no to exactly this', undefined, 'b', request(3, 'b', 'rejected'), { kind: 'none' }],
    [
      'it went on to what somebody said no to',
      open,
      'b',
      request(3, 'b', 'rejected'),
      { kind: 'withdraw', request: 7 },
    ],
    ['an earlier approved change returns', undefined, 'b', request(3, 'b', 'approved'), { kind: 'open' }],
  ])('%s', (_, current, asked, same, expected) => {
    const requested = asked === undefined ? undefined : { ...open, asked };
    expect(nextTransition({ open: current, requested, same })).toEqual(expected);
  });
});

describe('a waiver', () => {
  const now = new Date('2026-01-02T00:00:00.000Z');
  const waiver: Waiver = {
    rule: 'a-rule',
    refText: REF,
    version: finding().version,
    reason: '',
    by: 'ann',
    expiresAt: '2026-01-03T00:00:00.000Z',
  };

  test.each<[string, Partial<Waiver>, number]>([
    ['covers its rule on its version', {}, 0],
    ['does not cover another rule', { rule: 'other' }, 1],
    ['does not cover another version', { version: 'v1:sha256:0' }, 1],
    ['does not cover another definition', { refText: 'acme/tool/b' }, 1],
    ['does not cover from the moment it expires', { expiresAt: '2026-01-02T00:00:00.000Z' }, 1],
    ['does not cover where its date cannot be read', { expiresAt: 'some day' }, 1],
  ])('%s', (_, change, left) => {
    expect(withoutWaived([finding()], [{ ...waiver, ...change }], now)).toHaveLength(left);
  });
});

describe('a server that was not checked for too long', () => {
  const allowed: Decision = { refText: REF, version: '', verdict: 'allow', reasons: [] };
  const now = new Date('2026-01-02T00:00:00.000Z');

  test.each<[string, string | undefined, readonly string[]]>([
    ['was checked just now', '2026-01-01T23:59:59.000Z', ['allow']],
    ['was checked exactly that long ago', '2026-01-01T23:00:00.000Z', ['hold', 'UNCHECKED_TOO_LONG']],
    ['was never checked', undefined, ['hold', 'UNCHECKED_TOO_LONG']],
    ['has a time that cannot be read', 'yesterday', ['hold', 'UNCHECKED_TOO_LONG']],
    ['was checked a moment ahead of our clock', '2026-01-02T00:00:01.000Z', ['allow']],
    ['was checked long after what our clock says', '2026-01-02T12:00:00.000Z', ['hold', 'UNCHECKED_TOO_LONG']],
  ])('%s', (_, lastCheckAt, expected) => {
    expect(verdictOn(REF, holdUnchecked([allowed], { lastCheckAt, now, maxUncheckedMs: 3_600_000 }))).toEqual(expected);
  });

  test('keeps a block a block', () => {
    const blocked: Decision = { ...allowed, verdict: 'block' };
    expect(verdictOn(REF, holdUnchecked([blocked], { lastCheckAt: undefined, now, maxUncheckedMs: 1 }))).toEqual([
      'block',
    ]);
  });
});
