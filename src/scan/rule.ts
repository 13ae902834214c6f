import type { DefinitionKind } from '../model/definition.js';
import type { ChangeClass } from '../model/drift.js';
import type { Finding, Severity } from '../model/finding.js';
import type { JsonValue } from '../model/json.js';

/** What regular expressions cannot say and is therefore code; each has its file or its part of one. */
export const DETECTORS = [
  'invisible-characters',
  'bidi-controls',
  'tag-characters',
  'tag-text',
  'control-characters',
  'terminal-commands',
  'variation-selector-data',
  'long-padding',
  'sentence-as-name',
  'mixed-script-word',
  'same-tool-name',
  'same-rare-tool-name',
  'confusable-tool-name',
  'foreign-tool-directive',
  'read-only-lie',
] as const;

export type DetectorName = (typeof DETECTORS)[number];

/** Where a string stands: `name` is the definition's or an argument's name or a parameter's; `text` everything else. */
export type TextRole = 'name' | 'text';

/** What a rule is about: what a server declares, or what its tools, resources and prompts return. */
export const SCOPES = ['definition', 'output'] as const;

export type Scope = (typeof SCOPES)[number];

/** What is looked for, with what it means and what to do about it; one YAML file in `rules/`. */
export interface Rule {
  readonly id: string;
  /** The folder that its file stands in: what kind of attack it is about. */
  readonly class: string;
  /** One sentence on what the text would make the model do; the message of its findings. */
  readonly title: string;
  readonly severity: Severity;
  /** In what a tool returns, where it is another: commands and orders are more usual in a web page than in a definition. */
  readonly outputSeverity: Severity | undefined;
  readonly confidence: Finding['confidence'];
  /** `experimental` rules are measured less; nothing else depends on it. */
  readonly maturity: 'stable' | 'experimental';
  readonly means: Extract<ChangeClass, 'hidden-text' | 'instruction' | 'destination'> | undefined;
  readonly blocks: boolean;
  readonly scope: readonly Scope[];
  /** Whether what it matches is a secret, and is shown nowhere in full. */
  readonly secret: boolean;
  readonly kinds: readonly DefinitionKind[];
  readonly fields: readonly TextRole[];
  readonly condition: Condition;
  /** Where the kind of attack is described: OWASP MCP Top 10, MITRE ATLAS, CWE. */
  readonly references: readonly string[];
  readonly why: string;
  readonly remediation: string;
  readonly falsePositives: readonly string[];
  readonly examples: { readonly match: readonly Example[]; readonly clean: readonly Example[] };
}

export type Condition =
  | {
      readonly kind: 'patterns';
      /** One pattern of every group has to match within one string. */
      readonly groups: readonly (readonly string[])[];
      /** So many characters at most lie between a match of the first group and one of each other group. */
      readonly within: number;
    }
  | { readonly kind: 'detector'; readonly detector: DetectorName };

/** What proves a rule: it must match, or must not. */
export type Example = DefinitionExample | OutputExample;

/** A definition, with the tools around it. */
export interface DefinitionExample {
  readonly kind: DefinitionKind;
  readonly definition: JsonValue;
  /** Other tools of the same server. */
  readonly siblings: readonly string[];
  /** Tools of another server. */
  readonly neighbours: readonly string[];
}

/** A text that a tool returned. */
interface OutputExample {
  readonly kind: 'output';
  readonly output: string;
}

/** Returns how severe a rule's finding is in what a tool returned. */
export function outputSeverity(rule: Rule): Severity {
  return rule.outputSeverity ?? rule.severity;
}
