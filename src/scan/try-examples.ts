import type { Definition, DefinitionKind } from '../model/definition.js';
import { type JsonValue, stringMember } from '../model/json.js';
import { parseServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import { checkOutput } from './check-output.js';
import type { RulePack } from './rule-pack.js';
import type { DefinitionExample, Example, Rule } from './rule.js';
import { scanSnapshot } from './scan-snapshot.js';

/** An example that a rule does not do what it says on. */
export interface FailedExample {
  readonly rule: string;
  /** `match`: it should have found something; `clean`: it should not have. */
  readonly kind: 'match' | 'clean';
  /** A text where the example is what a tool returned. */
  readonly definition: JsonValue;
}

/** Returns the examples of a rule that fail with a pack that holds it. */
export function failedExamples(rule: Rule, pack: RulePack): readonly FailedExample[] {
  const failed = (kind: FailedExample['kind']): readonly FailedExample[] =>
    rule.examples[kind]
      .filter((example) => isFound(rule, example, pack) !== (kind === 'match'))
      .map((example) => ({ rule: rule.id, kind, definition: shownOf(example) }));
  return [...failed('match'), ...failed('clean')];
}

/** Returns what an example is of: a definition, or a text that a tool returned. */
export function shownOf(example: Example): JsonValue {
  return example.kind === 'output' ? example.output : example.definition;
}

function isFound(rule: Rule, example: Example, pack: RulePack): boolean {
  return example.kind === 'output' ? isInOutput(rule, example.output, pack) : isInDefinition(rule, example, pack);
}

function isInOutput(rule: Rule, output: string, pack: RulePack): boolean {
  const { findings } = checkOutput({ content: [{ type: 'text', text: output }] }, { pack });
  return findings.some((finding) => finding.rule === rule.id);
}

function isInDefinition(rule: Rule, example: DefinitionExample, pack: RulePack): boolean {
  const definition = definitionOf(example.definition, example.kind);
  const siblings = example.siblings.map((name) => definitionOf({ name }, 'tool'));
  const neighbours = [{ server: OTHER_SERVER, tools: example.neighbours }];
  const findings = scanSnapshot(snapshotOf([definition, ...siblings]), neighbours, pack);
  return findings.some((finding) => finding.rule === rule.id && finding.refText === definition.refText);
}

const SERVER = parseServerId('example');
const OTHER_SERVER = parseServerId('other');

function definitionOf(value: JsonValue, kind: DefinitionKind): Definition {
  const name = stringMember(value, 'name') ?? '';
  return {
    ref: { server: SERVER, kind, name },
    refText: `${SERVER}/${kind}/${encodeURIComponent(name)}`,
    version: `v1:sha256:${'0'.repeat(64)}`,
    rawFingerprint: undefined,
    value,
    content: JSON.stringify(value),
    flaws: [],
    inexactNumbers: [],
    masked: [],
  };
}

function snapshotOf(definitions: readonly Definition[]): Snapshot {
  const setHashes = {
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
    setHashes,
  };
}
