import { resolve } from 'node:path';

import type { Command } from 'commander';

import { codeOf, messageOf, SealwatchError } from '../../errors.js';
import { DEFAULT_RULE_SETTINGS, type RuleSettings } from '../../model/rule-settings.js';
import { quote } from '../../quote.js';
import { compileRules } from '../../scan/compile-rules.js';
import type { Example, Rule } from '../../scan/rule.js';
import { failedExamples, shownOf } from '../../scan/try-examples.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { readPackInfo, readRules, RULES_FOLDER } from '../load-rules.js';
import { readConfig } from '../session.js';
import { tableLines } from '../table.js';
import type { Terminal } from '../terminal.js';

/** Adds `rules list`, `rules show`, `rules test` and `rules lint`. */
export function addRules(program: Command, run: Runner): void {
  const rules = program.command('rules').description('the detection rules');
  rules
    .command('list')
    .description('every rule, and what the configuration changes about it')
    .addHelpText('after', '\nExamples:\n  sealwatch rules list\n  sealwatch rules list --json')
    .action(run(list));
  rules
    .command('show')
    .argument('<id>', 'a rule such as hide-from-user')
    .description('what a rule finds, why, what to do, and its examples')
    .addHelpText('after', '\nExamples:\n  sealwatch rules show hide-from-user')
    .action(run(show));
  rules
    .command('test')
    .argument('[folder]', 'a folder of rules; else those of the program and of the configuration')
    .description('run every example of every rule')
    .addHelpText('after', '\nExamples:\n  sealwatch rules test\n  sealwatch rules test ./my-rules')
    .action(run(test));
  rules
    .command('lint')
    .argument('<folder>', 'a folder of rules')
    .description('read the rules of a folder, and say every mistake')
    .addHelpText('after', '\nrules/README.md says how to write one.\n\nExamples:\n  sealwatch rules lint ./my-rules')
    .action(run(lint));
}

interface Listed {
  readonly rule: Rule;
  readonly isOff: boolean;
  /** As the configuration has it. */
  readonly severity: Rule['severity'];
}

async function list(cli: Cli): Promise<Outcome> {
  const listed = await allRules(cli);
  const info = await readPackInfo(RULES_FOLDER);
  return {
    exitCode: 0,
    json: { version: info?.version ?? null, rules: listed.map(listedJson) },
    print: (terminal) => {
      const columns = ['RULE', 'SEVERITY', 'FINDS'].map((title) => ({ title }));
      const rows = listed.map(({ rule, isOff, severity }) => [
        { text: rule.id },
        { text: isOff ? 'off' : severity === rule.severity ? severity : `${severity} (was ${rule.severity})` },
        { text: rule.title },
      ]);
      for (const line of tableLines(columns, rows, terminal.width)) terminal.line(line);
      terminal.line();
      terminal.line(`${listed.length} rules, version ${info?.version ?? 'unknown'}, and the learned model.`);
    },
  };
}

async function show(cli: Cli, id: string): Promise<Outcome> {
  const listed = (await allRules(cli)).find(({ rule }) => rule.id === id);
  if (listed === undefined) {
    throw new SealwatchError('NOT_FOUND', `no rule ${JSON.stringify(id)}; sealwatch rules list names all`);
  }
  return {
    exitCode: 0,
    json: { ...listedJson(listed), examples: listed.rule.examples },
    print: (terminal) => {
      printRule(listed, terminal);
    },
  };
}

function printRule({ rule, isOff, severity }: Listed, terminal: Terminal): void {
  terminal.line(terminal.paint.bold(`${rule.id}: ${rule.title}`));
  const state = isOff ? 'off' : severity;
  terminal.line(`${state}, ${rule.confidence} confidence, ${rule.maturity}, class ${rule.class}`);
  if (rule.references.length > 0) terminal.line(rule.references.join(', '));
  terminal.line();
  terminal.line(`Why: ${rule.why.trim()}`);
  terminal.line(`What to do: ${rule.remediation.trim()}`);
  for (const alarm of rule.falsePositives) terminal.line(`Known false positive: ${alarm}`);
  terminal.line();
  for (const example of rule.examples.match) terminal.line(`  finds it in  ${textOf(example)}`);
  for (const example of rule.examples.clean) terminal.line(`  not in       ${textOf(example)}`);
}

function textOf(example: Example): string {
  return quote(JSON.stringify(shownOf(example)), 160);
}

async function test(cli: Cli, folder: string | undefined): Promise<Outcome> {
  const files = await Promise.all([RULES_FOLDER, ...foldersOf(cli, folder)].map(readRules));
  const all = files.flatMap(({ rules }) => rules);
  const pack = compileRules(
    all,
    files.flatMap(({ signals }) => signals),
  );
  const tested = folder === undefined ? all : (files.at(-1)?.rules ?? []);
  const failed = tested.flatMap((rule) => failedExamples(rule, pack));
  const examples = tested.reduce((sum, rule) => sum + rule.examples.match.length + rule.examples.clean.length, 0);
  return {
    exitCode: failed.length === 0 ? 0 : 1,
    json: { rules: tested.length, examples, failed },
    print: (terminal) => {
      for (const { rule, kind, definition } of failed) {
        const what = kind === 'match' ? 'does not find it in' : 'finds it in, and should not';
        terminal.line(`${terminal.paint.red(rule)} ${what}: ${quote(JSON.stringify(definition), 300)}`);
      }
      terminal.line(`${tested.length} rules, ${examples} examples, ${failed.length} failed`);
    },
  };
}

async function lint(cli: Cli, folder: string): Promise<Outcome> {
  const path = resolve(cli.io.cwd(), folder);
  const mistakes: string[] = [];
  let count = 0;
  try {
    const { rules, signals } = await readRules(path);
    count = rules.length;
    const known = await readRules(RULES_FOLDER);
    const isOwn = path !== RULES_FOLDER;
    compileRules([...(isOwn ? known.rules : []), ...rules], [...(isOwn ? known.signals : []), ...signals]);
  } catch (error) {
    if (codeOf(error) !== 'RULE_INVALID') throw error;
    mistakes.push(...messageOf(error).split('\n'));
  }
  return {
    exitCode: mistakes.length === 0 ? 0 : 3,
    json: { folder: path, rules: count, mistakes },
    print: (terminal) => {
      for (const mistake of mistakes) terminal.line(terminal.paint.red(quote(mistake, 500)));
      terminal.line(mistakes.length === 0 ? `${count} rules, no mistakes` : `${mistakes.length} mistakes in ${path}`);
    },
  };
}

async function allRules(cli: Cli): Promise<readonly Listed[]> {
  const settings = settingsOf(cli);
  const files = await Promise.all([RULES_FOLDER, ...settings.folders].map(readRules));
  return files
    .flatMap(({ rules }) => rules)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((rule) => ({
      rule,
      isOff: settings.off.includes(rule.id),
      severity: settings.severities.get(rule.id) ?? rule.severity,
    }));
}

function foldersOf(cli: Cli, folder: string | undefined): readonly string[] {
  return folder === undefined ? settingsOf(cli).folders : [resolve(cli.io.cwd(), folder)];
}

/** Rules can be looked at before there is a configuration. */
function settingsOf(cli: Cli): RuleSettings {
  try {
    return readConfig(cli).rules;
  } catch (error) {
    if (codeOf(error) === 'CONFIG_NOT_FOUND' && cli.flags.config === undefined) return DEFAULT_RULE_SETTINGS;
    throw error;
  }
}

function listedJson({ rule, isOff, severity }: Listed): Readonly<Record<string, unknown>> {
  const {
    id,
    class: kind,
    title,
    confidence,
    maturity,
    scope,
    blocks,
    references,
    why,
    remediation,
    falsePositives,
  } = rule;
  return {
    id,
    class: kind,
    title,
    severity,
    off: isOff,
    confidence,
    maturity,
    scope,
    blocks,
    references,
    why: why.trim(),
    remediation: remediation.trim(),
    falsePositives,
  };
}
