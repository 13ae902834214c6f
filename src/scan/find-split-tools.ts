import type { Definition } from '../model/definition.js';
import { type Finding, isAtLeast } from '../model/finding.js';
import { stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import { incomplete, ruleFailed, suspicious } from './engine-findings.js';
import { matchTogether, possibleRules } from './find-split.js';
import { type Match, toFinding } from './finding-of.js';
import { type FoundInRow, type FoundPlaces, readAsOne } from './read-as-one.js';
import type { Rule } from './rule.js';
import type { OwnReading, RulePack } from './rule-pack.js';
import { MAX_TEXT_LENGTH } from './scan-definition.js';
import { markedRows, nearRows, type ToolText } from './tool-rows.js';

/** A tool, with what was found in it alone. */
export interface ScannedTool extends OwnReading {
  readonly definition: Definition;
}

/** So many rows of tools that are marked as parts of one text are read; honest servers have none, or a few. */
const MAX_MARKED = 200;

/**
 * Returns what the descriptions of several tools of one server say together and none of them alone: of tools that stand beside each other,
 * of which one names the other, or that are marked as parts of one text. The finding is at each of these tools, of medium severity and low
 * confidence, since nobody knows whether they belong together.
 *
 * Where more are marked than are read, that is a finding.
 */
export function findSplitTools(tools: readonly ScannedTool[], pack: RulePack): readonly Finding[] {
  if (tools.length < 2) return [];
  const rules = possibleRules(tools, pack, isWanted);
  const texts = tools.flatMap((tool) => textOf(tool, pack));
  const marked = markedRows(texts);
  const found: readonly FoundInRow[] = [
    ...nearRows(texts, rules).flatMap((row) => matchTogether(row, rules, pack)),
    ...marked.slice(0, MAX_MARKED).flatMap((row) => readAsOne(row, pack)),
    ...marked.slice(MAX_MARKED, MAX_MARKED + 1).flatMap(([first]) => (first ? [unread(first.text)] : [])),
  ];
  if (found.length === 0) return [];
  const toolOf = new Map(texts.map(({ text, tool }) => [text, tool]));
  return withoutRepeats(found.flatMap((one) => findingsOf(one, toolOf)));
}

interface KnownText extends ToolText {
  readonly tool: ScannedTool;
}

function textOf(tool: ScannedTool, pack: RulePack): readonly KnownText[] {
  const { definition, groups, names } = tool;
  const description = stringMember(definition.value, 'description') ?? '';
  if (description === '') return [];
  // To where the tool alone is read, too.
  const text: Text = { pointer: '/description', text: description.slice(0, MAX_TEXT_LENGTH), role: 'text' };
  return [{ name: definition.ref.name, text, groups, names, isMarked: groups.includes(pack.marksGroup), tool }];
}

/** Two harmless halves hardly ever meet in tools that honest people wrote, so medium rules are asked, too. */
function isWanted({ severity, kinds, fields }: Rule): boolean {
  return isAtLeast(severity, 'medium') && kinds.includes('tool') && fields.includes('text');
}

function unread(at: Text): FoundInRow {
  return { kind: 'unread', at };
}

type ToolOf = ReadonlyMap<Text, ScannedTool>;

function findingsOf(found: FoundInRow, toolOf: ToolOf): readonly Finding[] {
  switch (found.kind) {
    case 'match': {
      const { rule } = found;
      const isTold = (finding: Finding): boolean => finding.rule === rule.id;
      return isWanted(rule) ? atEach(found, isTold, toolOf, (tool, match) => toFinding(rule, tool, match)) : [];
    }
    case 'suspicion': {
      const isTold = ({ pointer, severity }: Finding): boolean =>
        pointer === '/description' && isAtLeast(severity, 'medium');
      return atEach(found, isTold, toolOf, (tool, match) =>
        suspicious(tool, { ...match, role: 'text' }, { score: found.score, ...match }),
      );
    }
    case 'failed':
      return definitionsAt(found.at, toolOf).map((tool) => ruleFailed(found.rule, tool, found.error));
    case 'unread':
      return definitionsAt(found.at, toolOf).map((tool) => incomplete(tool, found.at.pointer));
  }
}

/** One finding at each of the tools, which names the others; none where one of them alone has it. */
function atEach(
  { places, words }: FoundPlaces,
  isTold: (finding: Finding) => boolean,
  toolOf: ToolOf,
  toOne: (tool: Definition, match: Match & { readonly detail: string }) => Finding,
): readonly Finding[] {
  const tools = places.flatMap(({ text }) => toolOf.get(text) ?? []);
  if (tools.length < 2 || tools.some(({ findings }) => findings.some(isTold))) return [];
  return places.flatMap(({ text, span }) => {
    const tool = toolOf.get(text);
    if (tool === undefined) return [];
    const others = tools.filter((one) => one !== tool).map(({ definition }) => quote(definition.ref.name));
    const detail = `together with ${[...new Set(others)].join(', ')}: ${quote(words, 120)}`;
    const finding = toOne(tool.definition, { pointer: text.pointer, text: text.text, span, detail });
    return [{ ...finding, severity: 'medium', confidence: 'low', blocks: false }];
  });
}

function definitionsAt(at: Text, toolOf: ToolOf): readonly Definition[] {
  const tool = toolOf.get(at);
  return tool === undefined ? [] : [tool.definition];
}

/** What a rule finds once more at a tool, with others, tells a reader nothing new. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.refText}`;
    if (!first.has(key)) first.set(key, finding);
  }
  return Array.from(first.values());
}
