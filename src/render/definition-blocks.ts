import type { DefinitionKind } from '../model/definition.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import { makeVisible } from '../quote.js';
import type { Block, BlockLine } from './block.js';
import { jsonLines, wrappedProse } from './json-lines.js';

/**
 * Returns a whole definition, readable: name, title, description, each parameter with its type, then everything else that is in it.
 * Nothing is left out: what a model reads, whoever approves it reads too.
 */
export function definitionBlocks(value: JsonValue, kind: DefinitionKind, width: number): readonly Block[] {
  if (typeof value === 'string') return [textBlock('', value, width)];
  if (!isJsonObject(value)) return [{ pointer: '', lines: added(jsonLines('value', value, width - 2)) }];
  const members = Object.keys(value).toSorted((a, b) => rankOf(a) - rankOf(b));
  return [
    ...members.flatMap((name) => memberBlocks(name, value[name] ?? null, kind, width)),
    // Findings on the whole definition come last.
    { pointer: '', lines: [] },
  ];
}

const FIRST = ['name', 'title', 'uri', 'uriTemplate', 'description', 'inputSchema', 'arguments'];

function rankOf(name: string): number {
  const rank = FIRST.indexOf(name);
  return rank === -1 ? FIRST.length : rank;
}

function memberBlocks(name: string, value: JsonValue, kind: DefinitionKind, width: number): readonly Block[] {
  const pointer = pointerTo('', name);
  if (typeof value === 'string' && name === 'description') {
    const heading: BlockLine = { line: { kind: 'added', text: 'description:' } };
    const { lines } = textBlock(pointer, value, width - 2);
    return [{ pointer, lines: [heading, ...lines.map(indentedLine)] }];
  }
  if (kind === 'tool' && name === 'inputSchema' && isJsonObject(value)) return schemaBlocks(pointer, value, width);
  return [{ pointer, lines: added(jsonLines(name, value, width - 2)) }];
}

function textBlock(pointer: Pointer, text: string, width: number): Block {
  const lines = wrappedProse(text, width - 2).map(
    (line): BlockLine => ({ line: { kind: 'added', text: line.text }, end: line.end }),
  );
  return { pointer, lines };
}

function indentedLine({ line, ...rest }: BlockLine): BlockLine {
  return { line: { ...line, text: `  ${line.text}` }, ...rest };
}

function schemaBlocks(pointer: Pointer, schema: JsonObject, width: number): readonly Block[] {
  const properties = memberOf(schema, 'properties');
  const parameters = isJsonObject(properties) ? Object.entries(properties) : [];
  const required = requiredNames(
    schema,
    parameters.map(([name]) => name),
  );
  const below = pointerTo(pointer, 'properties');
  const rest = Object.entries(schema).filter(
    ([name, value]) => !isShown(name, value, { isJsonObject: isJsonObject(properties), required }),
  );
  return [
    { pointer, lines: added([parameters.length === 0 ? 'no parameters' : 'parameters:']) },
    ...parameters.map(([name, value]) => ({
      pointer: pointerTo(below, name),
      lines: added(parameterLines(name, value, required?.includes(name) === true, width - 4)),
    })),
    ...rest.map(([name, value]) => ({
      pointer: pointerTo(pointer, name),
      lines: added(jsonLines(`inputSchema/${name}`, value, width - 2)),
    })),
  ];
}

/** The names in `required`, where it says nothing but which of the parameters are; else it is shown as it is. */
function requiredNames(schema: JsonObject, names: readonly string[]): readonly JsonValue[] | undefined {
  const required = memberOf(schema, 'required');
  if (!isJsonArray(required)) return undefined;
  const isPlain = required.every(
    (name, index) => typeof name === 'string' && names.includes(name) && required.indexOf(name) === index,
  );
  return isPlain ? required : undefined;
}

function isShown(
  name: string,
  value: JsonValue,
  seen: { readonly isJsonObject: boolean; readonly required: readonly JsonValue[] | undefined },
): boolean {
  if (name === 'type') return value === 'object';
  if (name === 'properties') return seen.isJsonObject;
  return name === 'required' && seen.required !== undefined;
}

function parameterLines(name: string, schema: JsonValue, isRequired: boolean, width: number): readonly string[] {
  const label = `  ${makeVisible(name)}`;
  if (!isJsonObject(schema)) return jsonLines(name, schema, width).map((line) => `  ${line}`);
  const type = memberOf(schema, 'type');
  const traits = [...(typeof type === 'string' ? [makeVisible(type)] : []), ...(isRequired ? ['required'] : [])];
  const description = memberOf(schema, 'description');
  const rest = Object.entries(schema).filter(
    ([member, value]) => !((member === 'type' || member === 'description') && typeof value === 'string'),
  );
  return [
    traits.length === 0 ? label : `${label} (${traits.join(', ')})`,
    ...(typeof description === 'string' ? wrappedProse(description, width).map(({ text }) => `    ${text}`) : []),
    ...rest.flatMap(([member, value]) => jsonLines(member, value, width)).map((line) => `    ${line}`),
  ];
}

function added(texts: readonly string[]): readonly BlockLine[] {
  return texts.map((text) => ({ line: { kind: 'added', text } }));
}
