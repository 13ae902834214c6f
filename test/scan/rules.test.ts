import { describe, expect, test } from 'vitest';

import { isAtLeast } from '../../src/model/finding.js';
import { stringMember } from '../../src/model/json.js';
import { compileRules } from '../../src/scan/compile-rules.js';
import { type Example, outputSeverity } from '../../src/scan/rule.js';
import { shownOf } from '../../src/scan/try-examples.js';
import { checkText, RULES, scanExample, SIGNALS } from './make-definition.js';

interface Row {
  readonly rule: string;
  readonly example: Example;
  readonly text: string;
}

const rows = (which: 'match' | 'clean'): readonly Row[] =>
  RULES.flatMap(({ id, examples }) =>
    examples[which].map((example) => ({ rule: id, example, text: JSON.stringify(shownOf(example)) })),
  );

test('there are rules, and each has examples of both kinds', () => {
  expect(RULES.length).toBeGreaterThanOrEqual(12);
  for (const { examples } of RULES) expect(Math.min(examples.match.length, examples.clean.length)).toBeGreaterThan(0);
});

describe('an example that a rule must match, it matches', () => {
  test.each(rows('match'))('$rule: $text', ({ rule, example }) => {
    expect(scanExample(example).map((finding) => finding.rule)).toContain(rule);
  });
});

describe('an example that a rule must leave alone, it leaves alone', () => {
  test.each(rows('clean'))('$rule: $text', ({ rule, example }) => {
    expect(scanExample(example).map((finding) => finding.rule)).not.toContain(rule);
  });
});

describe('a rule about both finds in what a tool returned what it finds in a description', () => {
  const both = RULES.filter(({ scope }) => scope.length === 2).flatMap(({ id, examples }) =>
    examples.match.flatMap((example) => {
      // A plain text of the file; of the others, the name or a parameter may be what matches.
      if (example.kind === 'output' || stringMember(example.definition, 'name') !== 'example_tool') return [];
      const text = stringMember(example.definition, 'description');
      return text === undefined ? [] : [{ rule: id, text }];
    }),
  );

  test.each(both)('$rule: $text', ({ rule, text }) => {
    expect(checkText(text).findings.map((finding) => finding.rule)).toContain(rule);
  });
});

test.each(RULES)('without the rule $id some example of it is taken for less than it is', (rule) => {
  const others = compileRules(
    RULES.filter(({ id }) => id !== rule.id),
    SIGNALS,
  );
  const isLost = rule.examples.match.map(
    (example) =>
      !scanExample(example, others).some(
        ({ severity, blocks }) =>
          isAtLeast(severity, example.kind === 'output' ? outputSeverity(rule) : rule.severity) &&
          blocks === rule.blocks,
      ),
  );
  expect(isLost).toContain(true);
});

test('only what is never honest blocks', () => {
  expect(RULES.filter(({ blocks }) => blocks).map(({ id }) => id)).toEqual(['tag-text']);
});
