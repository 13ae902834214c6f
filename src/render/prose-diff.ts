import { diffArrays } from 'diff';

import { maskSecrets } from './mask-secrets.js';

/** A stretch of a text difference; `start` and `end` are its place in the text after the change. */
export interface ProsePart {
  readonly kind: 'context' | 'added' | 'removed';
  /** Raw but for secrets, which are masked; not yet made visible. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Texts that differ in more words than this are shown one after the other: finding the shortest difference takes time that grows with its square. */
const MAX_EDITS = 2_000;

/** So few unchanged words between two changes are shown as part of both, so that a sentence is read as one. */
const MAX_GAP = 4;

/**
 * Returns how a text became another, by words; the parts joined are the two texts again.
 *
 * A change of white space alone is a part of its own, together with a word on each side.
 */
export function proseDiff(before: string, after: string): readonly ProsePart[] {
  const old = tokensOf(before);
  const changes = diffArrays(old, tokensOf(after), { maxEditLength: MAX_EDITS }) ?? [
    { value: old, added: false, removed: true },
    { value: tokensOf(after), added: true, removed: false },
  ];
  const hunks = toHunks(changes);
  return placed(joinClose(hunks), maskSecrets(before), maskSecrets(after));
}

/** Line breaks, spaces and words: joined, they are the text. */
function tokensOf(text: string): string[] {
  return text.match(/\n|[^\S\n]+|\S+/g) ?? [];
}

/** What was removed, what was added there, and what follows unchanged. */
interface Hunk {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly equal: readonly string[];
}

function toHunks(
  changes: readonly { readonly value: string[]; readonly added: boolean; readonly removed: boolean }[],
): Hunk[] {
  const hunks: Hunk[] = [{ removed: [], added: [], equal: [] }];
  for (const { value, added, removed } of changes) {
    const last = hunks.at(-1) ?? { removed: [], added: [], equal: [] };
    if (!added && !removed) hunks[hunks.length - 1] = { ...last, equal: [...last.equal, ...value] };
    else {
      const open = last.equal.length > 0 || hunks.length === 1 ? { removed: [], added: [], equal: [] } : last;
      const next = removed
        ? { ...open, removed: [...open.removed, ...value] }
        : { ...open, added: [...open.added, ...value] };
      if (open === last) hunks[hunks.length - 1] = next;
      else hunks.push(next);
    }
  }
  return hunks;
}

function joinClose(hunks: readonly Hunk[]): readonly Hunk[] {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    const last = joined.at(-1);
    const isFirst = joined.length <= 1;
    if (last === undefined || isFirst || !isClose(last.equal)) {
      joined.push(hunk);
      continue;
    }
    joined[joined.length - 1] = {
      removed: [...last.removed, ...last.equal, ...hunk.removed],
      added: [...last.added, ...last.equal, ...hunk.added],
      equal: hunk.equal,
    };
  }
  return withNeighbours(joined);
}

function isClose(equal: readonly string[]): boolean {
  return !equal.includes('\n') && equal.filter(isWord).length <= MAX_GAP;
}

/** A change without a word on either side says nothing: it takes the word before it and the word after it. */
function withNeighbours(hunks: readonly Hunk[]): readonly Hunk[] {
  const result: Hunk[] = [];
  for (const hunk of hunks) {
    const previous = result.at(-1);
    if (previous === undefined || !isBlank(hunk)) {
      result.push(hunk);
      continue;
    }
    const lastWord = previous.equal.findLastIndex(isWord);
    const nextWord = hunk.equal.findIndex(isWord);
    const before = previous.equal.slice(Math.max(0, lastWord));
    const after = hunk.equal.slice(0, nextWord + 1);
    result[result.length - 1] = { ...previous, equal: previous.equal.slice(0, Math.max(0, lastWord)) };
    result.push({
      removed: [...before, ...hunk.removed, ...after],
      added: [...before, ...hunk.added, ...after],
      equal: hunk.equal.slice(nextWord + 1),
    });
  }
  return result;
}

function isBlank({ removed, added }: Hunk): boolean {
  return removed.length + added.length > 0 && ![...removed, ...added].some(isWord);
}

function isWord(token: string): boolean {
  return token.trim() !== '';
}

function placed(hunks: readonly Hunk[], before: string, after: string): readonly ProsePart[] {
  const parts: ProsePart[] = [];
  let from = 0;
  let to = 0;
  for (const { removed, added, equal } of hunks) {
    const gone = length(removed);
    const come = length(added);
    const same = length(equal);
    if (gone > 0) parts.push({ kind: 'removed', text: before.slice(from, from + gone), start: to, end: to });
    if (come > 0) parts.push({ kind: 'added', text: after.slice(to, to + come), start: to, end: to + come });
    from += gone + same;
    to += come;
    if (same > 0) parts.push({ kind: 'context', text: after.slice(to, to + same), start: to, end: to + same });
    to += same;
  }
  return parts;
}

function length(tokens: readonly string[]): number {
  return tokens.reduce((sum, token) => sum + token.length, 0);
}
