import { z } from 'zod';

import { readRuleYaml, refuseRule, RULE_ID, RULE_PATTERN } from './parse-rule.js';

/** A named set of patterns that rules combine, and that the learned model counts: who is addressed, what is asked, about what. */
export interface Signal {
  readonly id: string;
  readonly title: string;
  readonly patterns: readonly string[];
}

const SIGNAL = z.strictObject({
  id: RULE_ID,
  title: z.string().min(5).max(120),
  patterns: z.array(RULE_PATTERN).min(1),
});

/**
 * Returns the signal that a YAML text describes; `file` is its name, such as `conceal.yaml`, and must begin with the id.
 *
 * @throws {SealwatchError} `RULE_INVALID`
 */
export function parseSignal(yamlText: string, file: string): Signal {
  const result = SIGNAL.safeParse(readRuleYaml(yamlText, file));
  if (!result.success) throw refuseRule(file, z.prettifyError(result.error).replaceAll('\n', ' '));
  return result.data;
}
