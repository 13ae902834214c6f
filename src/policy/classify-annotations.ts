import type { Edit } from '../model/drift.js';
import { pointerTokens } from '../model/pointer.js';
import { type Meaning, memberEdits, unknownMember, wording } from './meaning.js';

/** Returns what an edit in a tool's annotations means; where all of them appeared or vanished at once, each for itself. */
export function classifyAnnotations(rest: readonly string[], edit: Edit): readonly Meaning[] {
  const [name] = rest;
  if (name !== undefined) return classifyAnnotation(name, edit);
  const members = memberEdits(edit);
  if (members === undefined) return [unknownMember(edit)];
  if (members.length === 0) return [{ class: 'cosmetic', because: 'there are annotations that say nothing' }];
  return members.flatMap((member) => classifyAnnotation(pointerTokens(member.pointer)[1] ?? '', member));
}

/** A hint counts as its default where it is absent, as the specification of tool annotations says. */
const HINTS: Readonly<Record<string, { readonly absent: boolean; readonly safe: boolean }>> = {
  readOnlyHint: { absent: false, safe: true },
  destructiveHint: { absent: true, safe: false },
  idempotentHint: { absent: false, safe: true },
  openWorldHint: { absent: true, safe: false },
};

function classifyAnnotation(name: string, edit: Edit): readonly Meaning[] {
  if (name === 'title') return [wording(edit)];
  const hint = Object.hasOwn(HINTS, name) ? HINTS[name] : undefined;
  if (hint === undefined) return [unknownMember(edit)];
  const before = edit.before === undefined ? hint.absent : edit.before;
  const after = edit.after === undefined ? hint.absent : edit.after;
  // Neither true nor false, null included: clients may take it for either.
  if (typeof after !== 'boolean') return [{ class: 'capability', because: `${name} is neither true nor false now` }];
  if (after === before) return [{ class: 'cosmetic', because: `${name} says what it said by default` }];
  const because = `${name} is ${String(after)} now`;
  if (after !== hint.safe) return [{ class: 'capability', because }];
  // A promise, and clients run tools without asking because of it: no policy approves it, so it counts as text as well.
  return [
    { class: 'narrowing', because },
    { class: 'wording', because },
  ];
}
