import type { Definition } from '../model/definition.js';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import type { TextRole } from './rule.js';

/** One string of a definition. */
export interface Text {
  readonly pointer: Pointer;
  readonly text: string;
  readonly role: TextRole;
}

/**
 * Returns every string of a definition with its place: values at every depth, and the names of members, which a model reads as well
 * (the pointer of a member's name is that of the member). Words of the MCP and JSON Schema vocabularies are left out of the names.
 *
 * Where a definition has no value, its text as sent is the one string.
 */
export function collectTexts({ ref, value, content }: Definition): readonly Text[] {
  if (value === undefined) return [{ pointer: '', text: content, role: 'text' }];
  const texts: Text[] = [];
  const pending: { readonly value: JsonValue; readonly pointer: Pointer }[] = [{ value, pointer: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: one, pointer } = next;
    if (typeof one === 'string') {
      if (!TYPES.has(one)) texts.push({ pointer, text: one, role: isName(pointer, ref.kind) ? 'name' : 'text' });
    } else if (isJsonArray(one)) {
      for (let index = one.length - 1; index >= 0; index -= 1) {
        const item = one[index] ?? null;
        if (canHoldText(item)) pending.push({ value: item, pointer: pointerTo(pointer, index) });
      }
    } else if (isJsonObject(one)) {
      const names = Object.keys(one);
      const from = pending.length;
      for (const name of names) {
        const member = one[name] ?? null;
        const isNew = !VOCABULARY.has(name);
        if (!isNew && !canHoldText(member)) continue;
        const place = pointerTo(pointer, name);
        if (isNew) texts.push({ pointer: place, text: name, role: 'name' });
        if (canHoldText(member)) pending.push({ value: member, pointer: place });
      }
      inOrder(pending, from);
    }
  }
  return texts;
}

function canHoldText(value: JsonValue): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

/** What was put on the stack last is taken from it first. */
function inOrder(stack: unknown[], from: number): void {
  for (let low = from, high = stack.length - 1; low < high; low += 1, high -= 1) {
    const one = stack[low];
    const other = stack[high];
    if (one === undefined || other === undefined) return;
    stack[low] = other;
    stack[high] = one;
  }
}

/** The types of JSON Schema say nothing, and stand in every definition. */
const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

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
