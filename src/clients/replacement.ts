import { applyEdits, findNodeAtLocation, getNodeValue, modify, type Node, parseTree } from 'jsonc-parser';

/** One value of a client's file, JSON with comments, and what stands in its place. */
export interface Replacement {
  /** Where it is, from the root of the document. */
  readonly path: readonly (string | number)[];
  /** JSON as it was written; `null` where there was no such member. */
  readonly before: string | null;
  /** JSON. */
  readonly after: string;
}

/** Returns the text that is written at a place; `undefined` where there is nothing. */
export function textAt(text: string, path: Replacement['path']): string | undefined {
  const node = nodeAt(text, path);
  return node === undefined ? undefined : text.slice(node.offset, node.offset + node.length);
}

/** Returns the text with everything replaced; all else keeps its bytes. A member that was not there follows its command. */
export function replaceAll(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((result, { path, after }) => {
    const node = nodeAt(result, path);
    return node === undefined ? inserted(result, path, after) : spliced(result, node, after);
  }, text);
}

/** Whether everything that was replaced still says what it was replaced by, however it is laid out now. */
export function isReplaced(text: string, replacements: readonly Replacement[]): boolean {
  return replacements.every(({ path, after }) => {
    const node = nodeAt(text, path);
    return node !== undefined && JSON.stringify(getNodeValue(node)) === JSON.stringify(JSON.parse(after));
  });
}

/** Returns the text with what was there before back in its place. */
export function putBack(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((result, { path, before }) => {
    if (before === null) return applyEdits(result, modify(result, [...path], undefined, {}));
    const node = nodeAt(result, path);
    return node === undefined ? result : spliced(result, node, before);
  }, text);
}

function nodeAt(text: string, path: Replacement['path']): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  return root === undefined ? undefined : findNodeAtLocation(root, [...path]);
}

function spliced(text: string, { offset, length }: Node, content: string): string {
  return applyEdits(text, [{ offset, length, content }]);
}

/** On a line of its own where the command is on one. */
function inserted(text: string, path: Replacement['path'], value: string): string {
  const holder = path.slice(0, -1);
  const command = nodeAt(text, [...holder, 'command']) ?? nodeAt(text, [...holder, 'path']);
  const property = command?.parent;
  if (property === undefined) return text;
  const [lead = ''] = /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, property.offset)) ?? [];
  const member = `${JSON.stringify(path.at(-1))}: ${value}`;
  const content = `,${lead.includes('\n') ? lead : ' '}${member}`;
  return applyEdits(text, [{ offset: property.offset + property.length, length: 0, content }]);
}
