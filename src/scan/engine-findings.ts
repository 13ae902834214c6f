import { messageOf } from '../errors.js';
import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { Pointer } from '../model/pointer.js';
import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import { excerptOf } from './finding-of.js';
import type { Suspicion } from './match-text.js';
import type { Rule } from './rule.js';

/** Beyond this many flaws of one definition more say nothing new. */
const MAX_FLAWS = 20;

/** Returns a finding for each flaw of a malformed definition, and one for numbers that a double cannot carry exactly. */
export function flawFindings(definition: Definition): readonly Finding[] {
  const { flaws, inexactNumbers } = definition;
  return [
    ...flaws.slice(0, MAX_FLAWS).map((flaw) =>
      engineFinding(definition, 'malformed-definition', flaw.pointer, {
        severity: 'high',
        message: flaw.message,
        remediation: 'Nobody can approve it as it is: ask the author of the server to send a well-formed definition.',
      }),
    ),
    ...inexactNumbers.slice(0, 1).map((pointer) =>
      engineFinding(definition, 'inexact-number', pointer, {
        severity: 'info',
        message: 'A number has more digits than programs keep: two programs may read two different values',
        remediation: 'Compare the digits as written when it changes.',
      }),
    ),
  ];
}

/** Returns the finding that a text was not scanned to its end. */
export function incomplete(definition: Definition, pointer: Pointer): Finding {
  return engineFinding(definition, 'scan-incomplete', pointer, {
    severity: 'high',
    message: 'The text is longer than what is scanned: nobody has looked at its end',
    remediation: 'Read the whole text before you approve it. No honest definition that we know is so long.',
  });
}

/** Returns the finding that a rule could not be run on a definition. */
export function ruleFailed(rule: Rule, definition: Definition, error: unknown): Finding {
  return engineFinding(definition, 'rule-failed', '', {
    severity: 'high',
    message: `The rule ${rule.id} could not be run on this definition: ${quote(messageOf(error))}`,
    remediation: 'Read the definition with this rule in mind, and report the failure.',
  });
}

/** The rule that findings of the learned model are filed under. */
export const LEARNED_MODEL = 'learned-model';

/** Returns the finding that the learned model takes a passage for an attack. */
export function suspicious(definition: Definition, { pointer, text }: Text, { span, detail }: Suspicion): Finding {
  const message = 'Reads like an order to the model that the tool does not need';
  return {
    ...engineFinding(definition, LEARNED_MODEL, pointer, {
      severity: 'medium',
      message: detail === undefined ? message : `${message}: ${detail}`,
      remediation: 'No rule knows it: read the sentence, and ask what the model would do that the tool does not need.',
    }),
    excerpt: excerptOf(text, span),
    span,
    confidence: 'low',
    means: 'instruction',
  };
}

function engineFinding(
  { refText, version }: Definition,
  rule: string,
  pointer: Pointer,
  details: Pick<Finding, 'severity' | 'message' | 'remediation'>,
): Finding {
  return {
    rule,
    refText,
    version,
    pointer,
    excerpt: '',
    confidence: 'high',
    blocks: false,
    means: undefined,
    ...details,
  };
}
