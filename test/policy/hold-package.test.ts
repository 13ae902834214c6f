import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/model/json.js';
import type { PackagePolicy } from '../../src/model/policy.js';
import { oldEnoughFrom, packageRefusals } from '../../src/policy/hold-package.js';

const NOW = new Date('2026-11-30T12:00:00.000Z');

const NOTHING: PackagePolicy = {
  requirePinned: false,
  minimumAgeMs: undefined,
  requireProvenance: undefined,
  forbidInstallScripts: false,
  allowedRegistries: undefined,
  maximumSeverity: undefined,
};

const GOOD: JsonObject = {
  isPinned: true,
  publishedAt: '2026-11-01T00:00:00.000Z',
  provenance: {
    repository: 'https://github.com/acme/server',
    workflow: 'https://github.com/acme/server/.github/workflows/release.yml',
  },
  installScripts: 'none',
  scriptsInTree: 'none',
  source: { registry: 'https://registry.example' },
  advisories: 'within',
};

const without = (member: string): JsonObject =>
  Object.fromEntries(Object.entries(GOOD).filter(([name]) => name !== member));

const DAY_MS = 86_400_000;

const ROWS: readonly (readonly [string, Partial<PackagePolicy>, JsonObject | undefined, string | undefined])[] = [
  ['an exact version', { requirePinned: true }, GOOD, undefined],
  [
    'a range',
    { requirePinned: true },
    { ...GOOD, isPinned: false },
    'the command asks for no exact version, and requirePinned is set',
  ],
  ['what was published long ago', { minimumAgeMs: 3 * DAY_MS }, GOOD, undefined],
  [
    'what was published minutes ago',
    { minimumAgeMs: 3 * DAY_MS },
    { ...GOOD, publishedAt: '2026-11-30T11:57:00.000Z' },
    'the package was published at "2026-11-30T11:57:00.000Z", which is later than minimumAge allows',
  ],
  [
    'what was published in the future',
    { minimumAgeMs: DAY_MS },
    { ...GOOD, publishedAt: '2027-01-01T00:00:00.000Z' },
    'the package was published at "2027-01-01T00:00:00.000Z", which is later than minimumAge allows',
  ],
  [
    'what was published nobody knows when',
    { minimumAgeMs: DAY_MS },
    without('publishedAt'),
    'nobody tells when the package was published, and minimumAge is set',
  ],
  ['any provenance', { requireProvenance: {} }, GOOD, undefined],
  [
    'the right repository and workflow',
    { requireProvenance: { repository: 'https://github.com/acme/server', workflow: '.github/workflows/release.yml' } },
    GOOD,
    undefined,
  ],
  [
    'another repository',
    { requireProvenance: { repository: 'https://github.com/acme/serve' } },
    GOOD,
    'the package was built by "https://github.com/acme/server/.github/workflows/release.yml", which requireProvenance does not name',
  ],
  [
    'another workflow',
    { requireProvenance: { workflow: '.github/workflows/ci.yml' } },
    GOOD,
    'the package was built by "https://github.com/acme/server/.github/workflows/release.yml", which requireProvenance does not name',
  ],
  [
    'no provenance',
    { requireProvenance: {} },
    { ...GOOD, provenance: 'none' },
    'nobody attests what the package was built from, and requireProvenance is set',
  ],
  [
    'a provenance that could not be told',
    { requireProvenance: {} },
    without('provenance'),
    'it could not be told what the package was built from, and requireProvenance is set',
  ],
  [
    'a provenance that is wrong',
    { requireProvenance: {} },
    { ...GOOD, provenance: { contradicts: 'other bytes' } },
    'it could not be told what the package was built from, and requireProvenance is set',
  ],
  ['no scripts anywhere', { forbidInstallScripts: true }, GOOD, undefined],
  [
    'a script of its own',
    { forbidInstallScripts: true },
    { ...GOOD, installScripts: { install: 'x' } },
    'the package runs scripts when it is installed, and forbidInstallScripts is set',
  ],
  [
    'a script of what it depends on',
    { forbidInstallScripts: true },
    { ...GOOD, scriptsInTree: ['evil@1.0.0'] },
    'what is installed with the package runs scripts, and forbidInstallScripts is set: "[\\"evil@1.0.0\\"]"',
  ],
  [
    'dependencies that nobody looked at',
    { forbidInstallScripts: true },
    without('scriptsInTree'),
    'it could not be told whether scripts are run when the package is installed, and forbidInstallScripts is set',
  ],
  ['an allowed registry', { allowedRegistries: ['https://registry.example'] }, GOOD, undefined],
  [
    'another registry',
    { allowedRegistries: ['https://npm.corp.example'] },
    GOOD,
    'the package is from "https://registry.example", which allowedRegistries does not name',
  ],
  [
    'a registry below an allowed one',
    { allowedRegistries: ['https://registry.example'] },
    { ...GOOD, source: { registry: 'https://registry.example/team' } },
    undefined,
  ],
  [
    'the registry of somebody else behind the same host',
    { allowedRegistries: ['https://registry.example/team'] },
    { ...GOOD, source: { registry: 'https://registry.example/teams' } },
    'the package is from "https://registry.example/teams", which allowedRegistries does not name',
  ],
  [
    'a tarball that lies elsewhere',
    { allowedRegistries: ['https://registry.example'] },
    { ...GOOD, source: { registry: 'https://registry.example', tarball: 'https://evil.example' } },
    'the package is from "https://evil.example", which allowedRegistries does not name',
  ],
  [
    'a registry that nobody knows',
    { allowedRegistries: ['https://registry.example'] },
    without('source'),
    'it could not be told which registry the package is from, and allowedRegistries is set',
  ],
  ['advisories that are taken', { maximumSeverity: 'low' }, GOOD, undefined],
  [
    'an advisory that is worse',
    { maximumSeverity: 'low' },
    { ...GOOD, advisories: 'beyond' },
    'there is an advisory against the package that is worse than maximumSeverity allows (low)',
  ],
  [
    'no word on advisories',
    { maximumSeverity: 'critical' },
    without('advisories'),
    'nobody tells of advisories against the package, and maximumSeverity is set',
  ],
];

describe('a policy on packages', () => {
  test.each(ROWS)('%s', (_name, policy, recorded, refusal) => {
    expect(packageRefusals(recorded, { ...NOTHING, ...policy }, NOW)).toEqual(refusal === undefined ? [] : [refusal]);
  });

  test('of a package that nobody looked at nothing is met', () => {
    const strict: PackagePolicy = {
      requirePinned: true,
      minimumAgeMs: DAY_MS,
      requireProvenance: {},
      forbidInstallScripts: true,
      allowedRegistries: ['https://registry.example'],
      maximumSeverity: 'critical',
    };
    expect(packageRefusals(undefined, strict, NOW)).toHaveLength(6);
  });

  test('a policy that asks for nothing refuses nothing', () => {
    expect(packageRefusals(undefined, NOTHING, NOW)).toEqual([]);
  });
});

test('a package that is too young is looked at again when it is old enough', () => {
  const of = (recorded: JsonObject): string | undefined =>
    oldEnoughFrom(
      { definitions: [{ ref: { kind: 'provenance' }, value: { command: 'npx', package: recorded } }] } as never,
      { ...NOTHING, minimumAgeMs: DAY_MS },
    );
  expect(of({ publishedAt: '2026-11-30T11:57:00.000Z' })).toBe('2026-12-01T11:57:00.000Z');
  expect(of({})).toBeUndefined();
});
