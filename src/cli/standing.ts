import { DECLARED_KINDS, type Definition } from '../model/definition.js';
import type { Decision, Verdict } from '../model/decision.js';
import type { Assessment } from '../monitor/assess.js';
import type { Terminal } from './terminal.js';
import { type Cell, tableLines } from './table.js';

/** How many definitions of a server stand where. Facts about the server count like definitions. */
export interface Counts {
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
  readonly resourceTemplates: number;
  readonly allowed: number;
  readonly held: number;
  readonly blocked: number;
}

/** One row of the table of servers. */
export interface StandingRow {
  readonly server: string;
  readonly counts: Counts | undefined;
  /** Why it could not be checked; `undefined` where it could. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

/** Returns the counts of a server, out of the store. */
export function countsOf({ snapshot, decisions }: Assessment): Counts {
  const definitions = snapshot?.definitions ?? [];
  const ofKind = (kind: Definition['ref']['kind']): number => definitions.filter(({ ref }) => ref.kind === kind).length;
  return {
    tools: ofKind('tool'),
    prompts: ofKind('prompt'),
    resources: ofKind('resource'),
    resourceTemplates: ofKind('resource-template'),
    allowed: withVerdict(decisions, 'allow'),
    held: withVerdict(decisions, 'hold'),
    blocked: withVerdict(decisions, 'block'),
  };
}

/** Returns whether a definition is one that a server declares, and not a fact that we keep about it. */
export function isDeclared({ ref }: Definition): boolean {
  return DECLARED_KINDS.some((kind) => kind === ref.kind);
}

/** Writes the table of servers. */
export function printStanding(rows: readonly StandingRow[], terminal: Terminal): void {
  const columns = [
    { title: 'SERVER' },
    { title: 'TOOLS', align: 'right' },
    { title: 'PROMPTS', align: 'right' },
    { title: 'RESOURCES', align: 'right' },
    { title: 'STANDING' },
  ] as const;
  const cells = rows.map((row) => cellsOf(row, terminal));
  const [header = '', ...lines] = tableLines(columns, cells, terminal.width);
  terminal.line(terminal.paint.dim(header));
  for (const line of lines) terminal.line(line);
}

function cellsOf({ server, counts, failure }: StandingRow, { paint }: Terminal): readonly Cell[] {
  const spanning = (text: string): readonly Cell[] => [{ text: server }, { text, shown: paint.magenta(text) }];
  if (failure !== undefined) return spanning(`could not check: ${failure.code} ${failure.message}`);
  if (counts === undefined) return spanning('never checked');
  const { tools, prompts, resources, resourceTemplates, held, blocked } = counts;
  const numbers = [server, tools, prompts, resources + resourceTemplates].map((value) => ({ text: String(value) }));
  const text = standingText(counts);
  const shown = blocked > 0 ? paint.red(text) : held > 0 ? paint.yellow(text) : paint.green(text);
  return [...numbers, { text, shown }];
}

function standingText({ allowed, held, blocked }: Counts): string {
  const parts = [
    allowed > 0 ? `${allowed} allowed` : '',
    held > 0 ? `${held} held` : '',
    blocked > 0 ? `${blocked} blocked` : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || 'declares nothing';
}

function withVerdict(decisions: readonly Decision[], verdict: Verdict): number {
  return decisions.filter((decision) => decision.verdict === verdict).length;
}
