import type { Edit } from '../model/drift.js';
import { type JsonValue, memberOf } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { compareSchemas } from './compare-schemas.js';
import { type Meaning, placeOf } from './meaning.js';
import { TEXT_KEYWORDS } from './schema-shape.js';
import { textsIn } from './texts.js';

/** Returns what the edits of a tool's two schemas mean, from the whole schemas. */
export function classifySchemas(
  edits: readonly Edit[],
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Meaning[] {
  return (['inputSchema', 'outputSchema'] as const).flatMap((member) => {
    const own = edits.filter(({ pointer }) => pointerTokens(pointer)[0] === member);
    if (own.length === 0) return [];
    const whole = own.find(({ pointer }) => pointerTokens(pointer).length === 1);
    if (whole !== undefined) return classifyWhole(member, whole);
    return classifyParts(member, own, memberOf(before, member), memberOf(after, member));
  });
}

/** A schema came, went, or is no object (any more). */
function classifyWhole(member: 'inputSchema' | 'outputSchema', edit: Edit): readonly Meaning[] {
  // Without a schema the server may answer anything: one that comes is a promise, one that goes takes it back.
  if (member === 'outputSchema' && edit.before === undefined) {
    return [{ class: 'narrowing', because: 'there is an output schema now' }, ...textOf(edit)];
  }
  return [{ class: 'capability', because: `${member} ${edit.after === undefined ? 'is gone' : 'is another one'}` }];
}

function classifyParts(
  member: 'inputSchema' | 'outputSchema',
  edits: readonly Edit[],
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Meaning[] {
  if (before === undefined || after === undefined) {
    return [{ class: 'capability', because: `${member} changed, and one side of it is not known` }];
  }
  const of = member === 'inputSchema' ? 'input' : 'output';
  const changes = compareSchemas(before, after, { pointer: `/${member}`, of });
  const meanings = [
    ...changes.map(
      ({ direction, because }): Meaning => ({ class: direction === 'narrowed' ? 'narrowing' : 'capability', because }),
    ),
    ...edits.flatMap(textOf),
  ];
  return meanings.length > 0 ? meanings : [{ class: 'wording', because: `${member} says the same in another form` }];
}

const TYPE_NAMES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/**
 * Any string that comes is read by a model, whatever the keyword is: an item of an enum can be a sentence. So a bound that was
 * tightened with words in it is more than a bound, which counts where policies approve what is only tightened.
 */
function textOf(edit: Edit): readonly Meaning[] {
  const keyword = pointerTokens(edit.pointer).at(-1) ?? '';
  const isText = TEXT_KEYWORDS.has(keyword) || textsIn(edit.after).some((text) => !TYPE_NAMES.has(text));
  return isText ? [{ class: 'wording', because: `the text of ${placeOf(edit)} changed` }] : [];
}
