import type { Change, Edit } from '../model/drift.js';
import { type JsonValue, memberOf } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';
import { compareSchemas } from './compare-schemas.js';
import { textsIn } from './hosts.js';
import type { Meaning } from './meaning.js';

/** Returns what the edits of one change mean, by their place. */
export function classifyEdits(
  change: Change,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Meaning[] {
  const byPlace = change.edits.map((edit) => classifyEdit(change, edit));
  const schemas = change.ref.kind === 'tool' && change.edits.length > 0 ? schemaMeanings(before, after) : [];
  return [...byPlace, ...schemas];
}

function classifyEdit(change: Change, edit: Edit): Meaning {
  const [first = '', ...rest] = pointerTokens(edit.pointer);
  if (first === 'icons') return { class: 'cosmetic', because: 'an icon changed' };
  if (first === '_meta') return classifyMeta(edit);
  switch (change.ref.kind) {
    case 'tool':
      return classifyTool(first, rest, edit);
    case 'prompt':
      return classifyPrompt(first, rest, edit);
    case 'resource':
    case 'resource-template':
      return classifyResource(first, rest, edit);
    case 'server':
      return classifyServer(first, rest, edit);
    case 'instructions':
    case 'provenance':
      return { class: 'identity', because: `${named(edit)} changed` };
  }
}

/** What a schema means is told by comparing the two whole schemas, references followed; here only that its text changed. */
function classifyTool(first: string, rest: readonly string[], edit: Edit): Meaning {
  switch (first) {
    case 'name':
    case 'title':
    case 'description':
      return wording(edit);
    case 'inputSchema':
    case 'outputSchema':
      return rest.length === 0 ? other(edit) : wording(edit);
    case 'annotations':
      return classifyAnnotation(rest[0], edit);
    default:
      return other(edit);
  }
}

/** A hint counts as its default where it is absent, as the specification of tool annotations says. */
const HINTS: Readonly<Record<string, { readonly absent: boolean; readonly safe: boolean }>> = {
  readOnlyHint: { absent: false, safe: true },
  destructiveHint: { absent: true, safe: false },
  idempotentHint: { absent: false, safe: true },
  openWorldHint: { absent: true, safe: false },
};

function classifyAnnotation(name: string | undefined, edit: Edit): Meaning {
  if (name === undefined) return classifyAnnotations(edit);
  const hint = HINTS[name];
  if (hint === undefined) return name === 'title' ? wording(edit) : other(edit);
  const now = edit.after ?? hint.absent;
  if (now === (edit.before ?? hint.absent))
    return { class: 'cosmetic', because: `${name} says what it said by default` };
  // Neither true nor false: clients may take it for either.
  if (now === hint.safe) return { class: 'narrowing', because: `${name} is ${String(now)} now` };
  return {
    class: 'capability',
    because: `${name} is ${typeof now === 'boolean' ? String(now) : 'something else'} now`,
  };
}

/** All annotations appeared or vanished at once: the worst of the hints counts. */
function classifyAnnotations(edit: Edit): Meaning {
  const meanings = Object.keys(HINTS).map((name) => {
    const before = memberOf(edit.before, name);
    const after = memberOf(edit.after, name);
    return classifyAnnotation(name, {
      pointer: `${edit.pointer}/${name}`,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  });
  return (
    meanings.find((meaning) => meaning.class === 'capability') ??
    meanings.find((meaning) => meaning.class === 'narrowing') ??
    wording(edit)
  );
}

function classifyPrompt(first: string, rest: readonly string[], edit: Edit): Meaning {
  if (['name', 'title', 'description'].includes(first)) return wording(edit);
  if (first !== 'arguments') return other(edit);
  const name = memberOf(edit.after ?? edit.before, 'name');
  const shown = typeof name === 'string' ? ` ${quote(name, 60)}` : '';
  if (edit.before === undefined && rest.length < 2)
    return { class: 'capability', because: `argument${shown} was added` };
  if (edit.after === undefined && rest.length < 2)
    return { class: 'narrowing', because: `argument${shown} was removed` };
  const member = rest[1];
  if (member === 'required') {
    const isRequired = edit.after === true;
    return isRequired
      ? { class: 'capability', because: 'an argument is required now' }
      : { class: 'narrowing', because: 'an argument is not required any more' };
  }
  return member === 'title' || member === 'description' ? wording(edit) : other(edit);
}

function classifyResource(first: string, rest: readonly string[], edit: Edit): Meaning {
  if (['name', 'title', 'description'].includes(first)) return wording(edit);
  // The type decides how a client treats the content: as text for the model, a page, an image.
  if (first === 'mimeType') return { class: 'capability', because: 'its content is of another type' };
  if (first === 'size') return { class: 'cosmetic', because: 'its size changed' };
  if (first !== 'annotations') return other(edit);
  const isHarmless = rest[0] === 'lastModified' || rest[0] === 'priority';
  return isHarmless ? { class: 'cosmetic', because: `${rest[0] ?? ''} changed` } : other(edit);
}

function classifyServer(first: string, rest: readonly string[], edit: Edit): Meaning {
  if (first === 'protocolVersion') return classifyRevision(edit);
  if (first === 'capabilities') return classifyCapability(edit);
  if (first !== 'serverInfo') return other(edit);
  switch (rest[0]) {
    case undefined:
    case 'name':
      return { class: 'identity', because: 'the server gives itself another name' };
    case 'version':
      return isVersion(edit.after)
        ? { class: 'cosmetic', because: 'the version of the server changed' }
        : wording(edit);
    case 'icons':
      return { class: 'cosmetic', because: 'an icon changed' };
    default:
      return wording(edit);
  }
}

function classifyRevision(edit: Edit): Meaning {
  const isHigher =
    typeof edit.after === 'string' &&
    typeof edit.before === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(edit.after) &&
    edit.after > edit.before;
  return isHigher
    ? { class: 'cosmetic', because: 'the protocol revision went up' }
    : { class: 'identity', because: 'the protocol revision went down, which takes away protections of the newer one' };
}

function classifyCapability(edit: Edit): Meaning {
  const isLess = edit.after === undefined || edit.after === false;
  return isLess
    ? { class: 'narrowing', because: `${named(edit)} is not announced any more` }
    : { class: 'capability', because: `${named(edit)} is announced now` };
}

/** A version string has no room for a sentence. */
function isVersion(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && /^[\w.+-]{1,64}$/.test(value);
}

/** Beyond this length, or with a space in it, a value in `_meta` can say something to a reader. */
const MAX_META_WORD = 64;

function classifyMeta(edit: Edit): Meaning {
  const says = textsIn(edit.after ?? null).some((text) => text.length > MAX_META_WORD || /\s/.test(text));
  return says ? wording(edit) : { class: 'cosmetic', because: 'a value in "_meta" changed' };
}

/** A member that we do not know: text is text; anything else may switch something in a client, so it is taken for more. */
function other(edit: Edit): Meaning {
  const values = [edit.before, edit.after].filter((value) => value !== undefined);
  const isText = values.every((value) => typeof value === 'string');
  return isText ? wording(edit) : { class: 'capability', because: `${named(edit)} changed` };
}

function wording(edit: Edit): Meaning {
  return { class: 'wording', because: `the text of ${named(edit)} changed` };
}

function named(edit: Edit): string {
  return edit.pointer === '' ? 'the whole definition' : quote(edit.pointer, 80);
}

function schemaMeanings(before: JsonValue | undefined, after: JsonValue | undefined): readonly Meaning[] {
  return ['inputSchema', 'outputSchema'].flatMap((member) =>
    compareSchemas(memberOf(before, member), memberOf(after, member), { pointer: `/${member}` }).map(
      ({ direction, because }): Meaning => ({ class: direction === 'narrowed' ? 'narrowing' : 'capability', because }),
    ),
  );
}
