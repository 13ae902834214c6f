import type { Definition } from '../model/definition.js';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import type { TextRole } from './rule.js';

/** One string of a definition. */
export interface Text {
  readonly pointer: Pointer;
  readonly text: string;
  readonly role: TextRole;
  /** Nothing in it but printable ASCII, tabs and line ends: it hides no character. */
  readonly isPlain: boolean;
}

/**
 * Returns every string of a definition with its place: values at every depth, and the names of members, which a model reads as well
 * (the pointer of a member's name is that of the member). Words of the MCP and JSON Schema vocabularies are left out of the names.
 *
 * Where a definition has no value, its text as sent is the one string.
 */
export function collectTexts({ ref, value, content }: Definition): readonly Text[] {
  if (value === undefined) return [textAt('', content, 'text')];
  const texts: Text[] = [];
  const pending: { readonly value: JsonValue; readonly pointer: Pointer }[] = [{ value, pointer: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { pointer } = next;
    if (typeof next.value === 'string') {
      texts.push(textAt(pointer, next.value, isName(pointer, ref.kind) ? 'name' : 'text'));
    } else if (isJsonArray(next.value)) {
      for (let index = next.value.length - 1; index >= 0; index -= 1) {
        pending.push({ value: next.value[index] ?? null, pointer: pointerTo(pointer, index) });
      }
    } else if (isJsonObject(next.value)) {
      const members = Object.entries(next.value);
      for (const [name] of members) {
        if (!VOCABULARY.has(name)) texts.push(textAt(pointerTo(pointer, name), name, 'name'));
      }
      for (const [name, member] of members.toReversed())
        pending.push({ value: member, pointer: pointerTo(pointer, name) });
    }
  }
  return texts;
}

function textAt(pointer: Pointer, text: string, role: TextRole): Text {
  return { pointer, text, role, isPlain: PLAIN.test(text) };
}

const PLAIN = /^[\t\n\r -~]*$/;

function isName(pointer: Pointer, kind: Definition['ref']['kind']): boolean {
  if (kind === 'server') return pointer === '/serverInfo/name';
  return pointer === '/name' || (kind === 'prompt' && /^\/arguments\/\d+\/name$/.test(pointer));
}

/** Words that say nothing: they stand in nearly every definition. */
const VOCABULARY: ReadonlySet<string> = new Set(
  `name title description inputSchema outputSchema annotations icons _meta execution arguments uri uriTemplate mimeType size
   type properties required items enum default examples format pattern additionalProperties anyOf oneOf allOf not if then else
   minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems uniqueItems multipleOf const
   $schema $ref $defs $id definitions readOnlyHint destructiveHint idempotentHint openWorldHint src sizes theme
   serverInfo capabilities protocolVersion version websiteUrl tools prompts resources listChanged subscribe logging completions`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
