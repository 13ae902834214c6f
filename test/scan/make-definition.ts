import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatRef } from '../../src/integrity/definition-ref.js';
import type { CheckedOutput } from '../../src/model/checked-output.js';
import type { Definition, DefinitionKind, DefinitionRef } from '../../src/model/definition.js';
import type { Finding } from '../../src/model/finding.js';
import { type JsonValue, stringMember } from '../../src/model/json.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { Snapshot } from '../../src/model/snapshot.js';
import { checkOutput } from '../../src/scan/check-output.js';
import { compileRules } from '../../src/scan/compile-rules.js';
import { parseRule } from '../../src/scan/parse-rule.js';
import { parseSignal, type Signal } from '../../src/scan/parse-signal.js';
import type { RulePack } from '../../src/scan/rule-pack.js';
import type { Example, Rule } from '../../src/scan/rule.js';
import { scanSnapshot } from '../../src/scan/scan-snapshot.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'rules');

/** The real rules, with the names of their files. */
export const RULES: readonly Rule[] = filesOf((file) => !file.startsWith('signals')).map((file) =>
  parseRule(readFileSync(join(FOLDER, file), 'utf8'), file),
);

export const SIGNALS: readonly Signal[] = filesOf((file) => file.startsWith('signals')).map((file) =>
  parseSignal(readFileSync(join(FOLDER, file), 'utf8'), file),
);

export const PACK = compileRules(RULES, SIGNALS);

function filesOf(isWanted: (file: string) => boolean): readonly string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.yaml') && isWanted(file));
}

export const SERVER = parseServerId('under-test');
export const OTHER = parseServerId('other');

export function makeDefinition(
  value: JsonValue,
  kind: DefinitionKind = 'tool',
  overrides: Partial<Definition> = {},
): Definition {
  const ref: DefinitionRef = { server: SERVER, kind, name: stringMember(value, 'name') ?? '' };
  return {
    ref,
    refText: formatRef(ref),
    version: `v1:sha256:${'0'.repeat(64)}`,
    rawFingerprint: undefined,
    value,
    content: JSON.stringify(value),
    flaws: [],
    inexactNumbers: [],
    masked: [],
    ...overrides,
  };
}

export function makeSnapshot(...definitions: readonly Definition[]): Snapshot {
  const none = {
    tools: undefined,
    prompts: undefined,
    resources: undefined,
    resourceTemplates: undefined,
    instructions: undefined,
  };
  return {
    server: SERVER,
    vantage: 'default',
    protocolVersion: '2025-11-25',
    definitions,
    digest: '',
    rawDigest: '',
    setHashes: none,
  };
}

/** Scans one definition; `siblings` are tools of its own server, `neighbours` of another. */
export function scan(
  definition: Definition,
  surroundings: { readonly siblings?: readonly string[]; readonly neighbours?: readonly string[] } = {},
  pack: RulePack = PACK,
): readonly Finding[] {
  const siblings = (surroundings.siblings ?? []).map((name) => makeDefinition({ name }));
  const neighbours = [{ server: OTHER, tools: surroundings.neighbours ?? [] }];
  const findings = scanSnapshot(makeSnapshot(definition, ...siblings), neighbours, pack);
  return findings.filter(({ refText }) => refText === definition.refText);
}

/** What is found in an example, whether it is a definition or a text that a tool returned; that blocks nothing. */
export function scanExample(
  example: Example,
  pack: RulePack = PACK,
): readonly Pick<Finding, 'rule' | 'severity' | 'blocks'>[] {
  if (example.kind !== 'output') return scan(makeDefinition(example.definition, example.kind), example, pack);
  return checkText(example.output, pack).findings.map(({ rule, severity }) => ({ rule, severity, blocks: false }));
}

/** Checks one text as a tool returns it. */
export function checkText(text: string, pack: RulePack = PACK): CheckedOutput {
  return checkOutput({ content: [{ type: 'text', text }] }, { pack });
}

/** The ids of the rules that fire on a tool's description. */
export function rulesOn(description: string): readonly string[] {
  return scan(makeDefinition({ name: 'example_tool', description })).map(({ rule }) => rule);
}
