import type { Text } from './collect-texts.js';
import { EDGE, type Part } from './join-parts.js';
import type { SplitRule } from './match-text.js';
import { wordsIn } from './names-in.js';
import { beginsWithin, isContinued, numberedParts, unmarkedPart } from './part-marks.js';
import { meetingOf } from './rule-bits.js';

/** The description of a tool, with what is known of it. */
export interface ToolText {
  readonly name: string;
  readonly text: Text;
  /** Groups of rules that have a pattern in it, and the words in it that are written like names. */
  readonly groups: readonly number[];
  readonly names: readonly string[];
  /** Whether it may say that it is a part of something longer. */
  readonly isMarked: boolean;
}

type Row<P> = readonly P[];

/**
 * Returns tools that have together all that one of the rules needs, and none of them alone: a tool and the next two, in the order of their
 * names, and two of which one names the other.
 */
export function nearRows(tools: readonly ToolText[], rules: readonly SplitRule[]): readonly Row<ToolText>[] {
  if (rules.length === 0) return [];
  const canMeet = meetingOf(tools, rules);
  const rows: Row<ToolText>[] = [];
  for (let place = 0; place + 1 < tools.length; place += 1) {
    const last = lastBeside(place, tools, lengthOf);
    if (canMeet(place, place + 1, last)) rows.push(tools.slice(place, last + 1));
  }
  const named = namedPairs(tools).filter(([one, other]) => canMeet(one, other, other));
  return [...rows, ...named.flatMap((pair) => bothOrders(pair, tools))];
}

/** Returns tools that say that they are parts of one text: numbered, or one that goes on where another stops. */
export function markedRows(tools: readonly ToolText[]): readonly Row<Part>[] {
  return [...continuedRows(tools), ...numberedRows(tools.filter(({ isMarked }) => isMarked))];
}

function lengthOf({ text }: ToolText): number {
  return text.text.length;
}

/** The place of the last one that is read with one and the next: a long one between two others keeps them apart. */
function lastBeside<P>(place: number, parts: readonly P[], length: (part: P) => number): number {
  const next = parts[place + 1];
  return next !== undefined && length(next) <= EDGE && place + 2 < parts.length ? place + 2 : place + 1;
}

type Places = readonly [number, number];

/** The places of two tools of which one names the other. */
function namedPairs(tools: readonly ToolText[]): readonly Places[] {
  const placeOf = new Map<string, number>();
  for (const [place, { name }] of tools.entries()) placeOf.set(name, place);
  const pairs: Places[] = [];
  for (const [place, tool] of tools.entries()) {
    for (const name of tool.isMarked ? wordsIn(tool.text.text) : tool.names) {
      const other = placeOf.get(name);
      if (other !== undefined && other !== place) pairs.push([place, other]);
    }
  }
  return pairs;
}

function bothOrders([one, other]: Places, tools: readonly ToolText[]): readonly Row<ToolText>[] {
  const [first, second] = [tools[one], tools[other]];
  if (first === undefined || second === undefined) return [];
  return [
    [first, second],
    [second, first],
  ];
}

function continuedRows(tools: readonly ToolText[]): readonly Row<Part>[] {
  if (!tools.some(({ text }) => beginsWithin(text.text))) return [];
  const beside = tools.slice(1).map((_, place) => tools.slice(place, lastBeside(place, tools, lengthOf) + 1));
  const named = namedPairs(tools).flatMap((pair) => bothOrders(pair, tools));
  return [...beside, ...named]
    .filter(([first, second]) => first && second && isContinued(first.text.text, second.text.text))
    .map((row) => row.map(({ text }) => unmarkedPart(text)));
}

/** Numbered parts in the order of their numbers, where they are of several tools. */
function numberedRows(tools: readonly ToolText[]): readonly Row<Part>[] {
  if (tools.length < 2) return [];
  const parts = tools.flatMap(({ text }) => numberedParts(text)).toSorted((a, b) => a.number - b.number);
  const length = ({ from, to }: Part): number => to - from;
  const rows = parts.slice(1).map((_, place) => parts.slice(place, lastBeside(place, parts, length) + 1));
  return rows.filter((row) => row.some(({ text }) => text !== row[0]?.text));
}
