import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';

import { messageOf } from '../errors.js';
import { createProblems, type Path, type Position, type Problem, type Problems } from './problems.js';

/** A YAML file's value, and a collection of mistakes that knows the lines. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly problems: Problems;
}

/**
 * Returns the value of a YAML (1.2) text.
 *
 * @throws {SealwatchError} `CONFIG_INVALID` with every syntax error and repeated key.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  // Repeated keys are looked for here, since the parser tells only one of the two lines.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = createProblems(file, (problem) => locate(document.contents, problem, position));
  for (const error of [...document.errors, ...document.warnings]) {
    problems.add({ code: 'CONFIG_INVALID', path: [], message: error.message, position: position(error.pos[0]) });
  }
  for (const repeated of repeatedKeys(document.contents, position)) problems.add(repeated);
  problems.throwIfAny();
  return { value: toValue(document, problems), problems };
}

function toValue(document: Document.Parsed, problems: Problems): unknown {
  try {
    return (document.toJS() as unknown) ?? {};
  } catch (error) {
    // Aliases that multiply beyond the parser's limit.
    problems.add({ code: 'CONFIG_INVALID', path: [], message: messageOf(error) });
    problems.throwIfAny();
    throw error;
  }
}

function repeatedKeys(root: Node | null, position: (offset: number) => Position): readonly Problem[] {
  const found: Problem[] = [];
  if (root === null) return found;
  visit(root, {
    Map: (_, map) => {
      const first = new Map<string, Position>();
      for (const pair of map.items) {
        const key = keyText(pair);
        const here = position(keyOffset(pair));
        const earlier = first.get(key);
        if (earlier === undefined) first.set(key, here);
        else {
          const message = `repeated key ${JSON.stringify(key)}: it stands in line ${earlier.line} already`;
          found.push({ code: 'CONFIG_INVALID', path: [], message, position: here });
        }
      }
    },
  });
  return found;
}

/** The place of a value; where it is missing, that of the nearest thing around it. */
function locate(root: Node | null, problem: Problem, position: (offset: number) => Position): Position {
  if (problem.position !== undefined) return problem.position;
  const offset = offsetOf(root, problem.path, problem.at === 'key');
  return position(offset);
}

function offsetOf(root: Node | null, path: Path, wantsKey: boolean): number {
  let node: unknown = root;
  let offset = 0;
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((one) => keyText(one) === String(key));
      if (pair === undefined) return offset;
      node = pair.value;
      // A missing member is reported at the key of what it is missing from, where a person looks for it.
      offset = isLast && !wantsKey ? (startOf(node) ?? keyOffset(pair)) : keyOffset(pair);
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function keyOffset(pair: Pair): number {
  return startOf(pair.key) ?? 0;
}

function startOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}
