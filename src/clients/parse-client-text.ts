import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { parseDocument } from 'yaml';

/** The value of a client's file, or why there is none: a reason holds no text of the file, which may be a secret. */
export type ParsedText =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Returns what a file says, by its ending: TOML, YAML, or JSON with comments and trailing commas. An empty one is `undefined`. */
export function parseClientText(text: string, file: string): ParsedText {
  const body = text.replace(/^\u{feff}/u, '');
  if (body.trim() === '') return { kind: 'value', value: undefined };
  try {
    if (/\.toml$/i.test(file)) return { kind: 'value', value: parseToml(body) };
    return /\.ya?ml$/i.test(file) ? readYaml(body) : readJson(body);
  } catch (error) {
    // The message of this parser repeats the lines around the mistake.
    if (error instanceof TomlError) return unreadable(`not TOML: line ${error.line}, column ${error.column}`);
    // Nesting that exhausts the stack, or aliases that multiply.
    return unreadable(error instanceof RangeError ? 'nested too deep' : 'cannot be taken apart');
  }
}

function readYaml(text: string): ParsedText {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return unreadable(`not YAML: ${error.code} in line ${lineAt(text, error.pos[0])}`);
  return { kind: 'value', value: document.toJS() as unknown };
}

function readJson(text: string): ParsedText {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error !== undefined)
    return unreadable(`not JSON: ${printParseErrorCode(error.error)} in line ${lineAt(text, error.offset)}`);
  // Only comments.
  if (root === undefined) return { kind: 'value', value: undefined };
  const repeated = repeatedKey(root);
  if (repeated !== undefined) return unreadable(`the key in line ${lineAt(text, repeated.offset)} is there twice`);
  return { kind: 'value', value: toValue(root) };
}

/** Attack: of two servers of one name, we would look at one and the client start the other. */
function repeatedKey(node: Node): Node | undefined {
  const keys = node.type === 'object' ? (node.children ?? []).flatMap(({ children }) => children?.[0] ?? []) : [];
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (seen.has(key.value)) return key;
    seen.add(key.value);
  }
  for (const child of node.children ?? []) {
    const found = repeatedKey(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Members become own properties, so that one named `__proto__` is data. */
function toValue(node: Node): unknown {
  const children = node.children ?? [];
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        children.flatMap(({ children: [key, value] = [] }) =>
          key === undefined || value === undefined ? [] : [[String(key.value), toValue(value)] as const],
        ),
      );
    case 'array':
      return children.map(toValue);
    case 'property':
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return node.value as unknown;
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function unreadable(why: string): ParsedText {
  return { kind: 'unreadable', why };
}
