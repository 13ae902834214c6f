import { describe, expect, test } from 'vitest';

import type { Finding } from '../../src/model/finding.js';
import { type SarifRule, toSarif } from '../../src/render/sarif.js';

const RULE: SarifRule = {
  id: 'hide-from-user',
  title: 'Tells the model to keep something from the user',
  severity: 'high',
  confidence: 'high',
  maturity: 'stable',
  why: 'Nobody has to keep secrets.\n',
  remediation: 'Reject it.',
  references: ['CWE-451'],
};

const FINDING: Finding = {
  rule: 'hide-from-user',
  refText: 'github/tool/create_issue',
  version: `v1:sha256:${'a'.repeat(64)}`,
  pointer: '/description',
  span: { start: 4, end: 20 },
  excerpt: 'Do not tell\u200B the user',
  severity: 'high',
  confidence: 'high',
  message: 'Tells the model to keep something from the user',
  blocks: false,
  means: 'instruction',
  remediation: 'Reject it.',
};

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleIndex: number;
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
      readonly invocations: readonly unknown[];
    },
  ];
}

const logOf = (findings: readonly Finding[]): Log =>
  toSarif(findings, [RULE], { version: '1.2.3', failures: [] }) as unknown as Log;

const fingerprintsOf = (...findings: readonly Finding[]): readonly (string | undefined)[] =>
  logOf(findings).runs[0].results.map((result) => result.partialFingerprints['sealwatchFinding/v1']);

test('a log says what was found, where, and what to do', () => {
  const failures = [{ server: 'search', code: 'OBSERVE_TIMEOUT', message: 'no answer\u001B[2J' }];
  expect(toSarif([FINDING], [RULE], { version: '1.2.3', failures })).toEqual({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sealwatch',
            semanticVersion: '1.2.3',
            rules: [
              {
                id: 'hide-from-user',
                shortDescription: { text: 'Tells the model to keep something from the user' },
                fullDescription: { text: 'Nobody has to keep secrets.' },
                help: { text: 'Reject it.' },
                defaultConfiguration: { level: 'error' },
                properties: {
                  severity: 'high',
                  precision: 'high',
                  maturity: 'stable',
                  'security-severity': '8.0',
                  tags: ['security', 'CWE-451'],
                },
              },
            ],
          },
        },
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [
              {
                level: 'error',
                descriptor: { id: 'OBSERVE_TIMEOUT' },
                message: { text: 'search could not be checked: no answer\\u{1b}[2J' },
              },
            ],
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: [
          {
            ruleId: 'hide-from-user',
            ruleIndex: 0,
            level: 'error',
            message: { text: 'Tells the model to keep something from the user: "Do not tell\\u{200b} the user"' },
            locations: [
              { logicalLocations: [{ fullyQualifiedName: 'github/tool/create_issue/description', kind: 'member' }] },
            ],
            partialFingerprints: {
              'sealwatchFinding/v1': 'bb9c1ba9a6a030a4856708331e76663f7b1c8d99ff3fc661f6930b72a4e85d2e:1',
            },
            properties: {
              severity: 'high',
              confidence: 'high',
              definition: 'github/tool/create_issue',
              version: `v1:sha256:${'a'.repeat(64)}`,
              pointer: '/description',
              span: { start: 4, end: 20 },
              blocks: false,
            },
          },
        ],
      },
    ],
  });
});

describe('the fingerprint of a finding', () => {
  test.each<[string, Partial<Finding>]>([
    ['elsewhere in the text', { span: { start: 90, end: 106 } }],
    ['in another member', { pointer: '/title' }],
    ['in another version', { version: `v1:sha256:${'b'.repeat(64)}` }],
    ['with another severity', { severity: 'low' }],
  ])('is the same %s', (_, change) => {
    expect(fingerprintsOf({ ...FINDING, ...change })).toEqual(fingerprintsOf(FINDING));
  });

  test.each<[string, Partial<Finding>]>([
    ['another rule', { rule: 'other' }],
    ['another definition', { refText: 'github/tool/close_issue' }],
    ['other words', { excerpt: 'Never tell the user' }],
  ])('is another one for %s', (_, change) => {
    expect(fingerprintsOf({ ...FINDING, ...change })).not.toEqual(fingerprintsOf(FINDING));
  });

  test('of two that are equal is numbered', () => {
    const [first, second] = fingerprintsOf(FINDING, FINDING);
    expect([first?.endsWith(':1'), second?.endsWith(':2')]).toEqual([true, true]);
  });
});

test('what the engine finds by itself is a rule as well', () => {
  const log = logOf([FINDING, { ...FINDING, rule: 'scan-incomplete' }]);
  const ids = log.runs[0].tool.driver.rules.map(({ id }) => id);
  expect(ids).toEqual(['hide-from-user', 'scan-incomplete']);
  expect(log.runs[0].results.map(({ ruleIndex }) => ids[ruleIndex])).toEqual(['hide-from-user', 'scan-incomplete']);
});

test.each([
  ['info', 'note'],
  ['low', 'note'],
  ['medium', 'warning'],
  ['high', 'error'],
  ['critical', 'error'],
] as const)('%s is the level %s', (severity, level) => {
  expect(logOf([{ ...FINDING, severity }]).runs[0].results[0]).toMatchObject({ level });
});
