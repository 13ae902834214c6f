import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';
import { DECLARED_KINDS } from '../model/definition.js';
import { SEVERITIES } from '../model/finding.js';
import type { JsonValue } from '../model/json.js';
import { DETECTOR_OF } from './detectors.js';
import { type Condition, DETECTORS, type Example, type Rule, type Scope, SCOPES } from './rule.js';

/**
 * Returns the rule that a YAML text describes; `file` is its name, such as `hide-from-user.yaml`, and must begin with the id.
 *
 * A rule that shows no text it matches, or none that it must leave alone, is not a rule.
 *
 * @throws {SealwatchError} `RULE_INVALID`
 */
export function parseRule(yamlText: string, file: string): Rule {
  const result = RULE.safeParse(readRuleYaml(yamlText, file));
  if (!result.success) throw refuseRule(file, z.prettifyError(result.error).replaceAll('\n', ' '));
  const { data } = result;
  if (fileName(file) !== data.id) throw refuseRule(file, `the file should be named ${data.id}.yaml`);
  return toRule(data, className(file));
}

const KINDS = [...DECLARED_KINDS, 'server'] as const;

/** A re2 pattern. */
export const RULE_PATTERN = z.string().min(1).max(6_000).refine(compiles, { error: 'not a re2 pattern' });

/** Names of rules and signals. */
export const RULE_ID = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { error: 'an id is kebab-case' });

/** A pattern, or `@` and the id of a signal, which stands for its patterns. */
const GROUP = z
  .array(
    z
      .string()
      .min(1)
      .max(6_000)
      .refine((entry) => /^@[a-z-]+$/.test(entry) || compiles(entry), { error: 'not a re2 pattern' }),
  )
  .min(1);

const JSON_VALUE: z.ZodType<JsonValue> = z.json();

const REFERENCE = /^(?:OWASP MCP\d\d:\d{4}|MITRE ATLAS AML\.T\d{4}(?:\.\d{3})?|CWE-\d+)$/;

const EXAMPLE = z.union([
  z.string().min(1),
  z.strictObject({ output: z.string().min(1) }),
  z.strictObject({
    kind: z.enum(KINDS).default('tool'),
    definition: JSON_VALUE,
    siblings: z.array(z.string()).default([]),
    neighbours: z.array(z.string()).default([]),
  }),
]);

/** So many bits has a number. */
const MAX_GROUPS = 30;

/** A match may lie this far from what it is combined with: about two sentences. */
const DEFAULT_WITHIN = 200;

const RULE = z
  .strictObject({
    id: RULE_ID,
    title: z.string().min(10).max(120),
    severity: z.enum(SEVERITIES),
    outputSeverity: z.enum(SEVERITIES).optional(),
    confidence: z.enum(['low', 'medium', 'high']),
    maturity: z.enum(['stable', 'experimental']),
    means: z.enum(['hidden-text', 'instruction', 'destination']).optional(),
    blocks: z.boolean().default(false),
    scope: z.array(z.enum(SCOPES)).min(1).default(['definition']),
    secret: z.boolean().default(false),
    kinds: z
      .array(z.enum(KINDS))
      .min(1)
      .default([...KINDS]),
    fields: z
      .array(z.enum(['name', 'text']))
      .min(1)
      .default(['name', 'text']),
    patterns: GROUP.optional(),
    all: z.array(GROUP).min(2).max(MAX_GROUPS).optional(),
    within: z.number().int().min(0).max(10_000).optional(),
    detector: z.enum(DETECTORS).optional(),
    references: z.array(z.string().regex(REFERENCE, { error: 'write it as in the other rules: CWE-200' })).default([]),
    why: z.string().min(1),
    remediation: z.string().min(1),
    falsePositives: z.array(z.string().min(1)),
    examples: z.strictObject({ match: z.array(EXAMPLE).min(1), clean: z.array(EXAMPLE).min(1) }),
  })
  .refine(({ patterns, all, detector }) => [patterns, all, detector].filter((one) => one !== undefined).length === 1, {
    error: 'needs exactly one of patterns, all, detector',
  })
  .refine(({ all, within }) => within === undefined || all !== undefined, { error: 'within goes with all' })
  .refine(({ outputSeverity, scope }) => outputSeverity === undefined || scope.length === SCOPES.length, {
    error: 'outputSeverity goes with scope: [definition, output]',
  })
  .refine(({ detector, scope }) => !scope.includes('output') || detector === undefined || readsOneText(detector), {
    error: 'this detector looks at definitions only',
  })
  .refine(({ examples, scope }) => [...examples.match, ...examples.clean].every((one) => isAbout(one, scope)), {
    error: 'an example is of something that the rule is not about',
  });

type RuleFile = z.infer<typeof RULE>;

/** Returns what a YAML text says.
 *
 * @throws {SealwatchError} `RULE_INVALID`
 */
export function readRuleYaml(text: string, file: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw refuseRule(file, messageOf(cause).replaceAll('\n', ' '));
  }
}

/** Returns the refusal of a file of rules. */
export function refuseRule(file: string, reason: string): SealwatchError {
  return new SealwatchError('RULE_INVALID', `${file}: ${reason}`);
}

function fileName(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, '');
}

/** The name of the folder; empty where there is none. */
function className(file: string): string {
  return /([^/\\]+)[/\\][^/\\]+$/.exec(file)?.[1] ?? '';
}

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    // Whatever the reason: the refusal names the pattern.
    return false;
  }
}

/** What a tool returns has no tools around it. */
function readsOneText(detector: (typeof DETECTORS)[number]): boolean {
  return DETECTOR_OF[detector].kind === 'text';
}

function isAbout(example: z.infer<typeof EXAMPLE>, scope: readonly Scope[]): boolean {
  if (typeof example === 'string') return true;
  return scope.includes('output' in example ? 'output' : 'definition');
}

function toRule(
  { patterns, all, within, detector, means, outputSeverity, examples, ...rest }: RuleFile,
  folder: string,
): Rule {
  const toOne = (example: z.infer<typeof EXAMPLE>): Example => toExample(example, rest.scope);
  return {
    ...rest,
    class: folder,
    means,
    outputSeverity,
    condition: toCondition({ patterns, all, within, detector }),
    examples: { match: examples.match.map(toOne), clean: examples.clean.map(toOne) },
  };
}

function toCondition({
  patterns,
  all,
  within,
  detector,
}: Pick<RuleFile, 'patterns' | 'all' | 'within' | 'detector'>): Condition {
  if (detector !== undefined) return { kind: 'detector', detector };
  return { kind: 'patterns', groups: all ?? [patterns ?? []], within: within ?? DEFAULT_WITHIN };
}

/** A plain text stands for the description of a tool, or for what one returned where the rule is about nothing else. */
function toExample(example: z.infer<typeof EXAMPLE>, scope: readonly Scope[]): Example {
  if (typeof example !== 'string') return 'output' in example ? { kind: 'output', ...example } : example;
  if (!scope.includes('definition')) return { kind: 'output', output: example };
  return {
    kind: 'tool',
    definition: { name: 'example_tool', description: example, inputSchema: { type: 'object' } },
    siblings: [],
    neighbours: [],
  };
}
