import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/integrity/canonicalize.js';
import { instructionsHash, sha256Hex } from '../../src/integrity/fingerprint.js';
import { parseJson } from '../../src/integrity/parse-json.js';
import { observe, snapshotOf, tools } from './observe.js';

interface Vectors {
  readonly definitions: readonly { about: string; input: string; canonical?: string; hash: string }[];
  readonly sets: readonly { about: string; pages: readonly string[]; setHash: string }[];
  readonly instructions: readonly { instructions: string | null; hash: string | null }[];
  readonly invalid: readonly { about: string; input?: string; pages?: readonly string[] }[];
}

const OWN = join(import.meta.dirname, '..', 'vectors', 'definition-hash.json');
const OPEN = join(import.meta.dirname, '..', '..', '..', 'shared', 'vectors', 'tool-definition-hash-v1.json');

describe('our vectors', () => {
  hold(OWN);
});

describe.skipIf(!existsSync(OPEN))('the vectors of the open tool definition hash', () => {
  if (existsSync(OPEN)) hold(OPEN);
});

function hold(file: string): void {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

  test.each(vectors.definitions)('definition: $about', ({ input, canonical, hash }) => {
    const written = canonicalize(parseJson(input, { maxDepth: 64 }).value);
    if (canonical !== undefined) expect(written).toBe(canonical);
    expect(sha256Hex(written)).toBe(hash);
  });

  test.each(vectors.sets)('set: $about', ({ pages, setHash }) => {
    const asTools = snapshotOf(observe({ pages: pages.map((page) => tools(page)) }));
    const asPrompts = snapshotOf(
      observe({ pages: pages.map((page) => ({ method: 'prompts/list', result: `{"prompts":${page}}` })) }),
    );
    expect(asTools.setHashes.tools).toBe(setHash);
    expect(asPrompts.setHashes.prompts).toBe(setHash);
  });

  test.each(vectors.instructions)('instructions: $instructions', ({ instructions, hash }) => {
    const { setHashes } = snapshotOf(observe({ handshake: JSON.stringify({ instructions }) }));
    expect(setHashes.instructions).toBe(hash ?? undefined);
    if (instructions !== null) expect(instructionsHash(instructions)).toBe(hash);
  });

  test.each(vectors.invalid)('invalid: $about', ({ input, pages }) => {
    const snapshot = snapshotOf(observe({ pages: (pages ?? [`[${input ?? ''}]`]).map((page) => tools(page)) }));
    expect(snapshot.setHashes.tools).toBeUndefined();
    expect(snapshot.definitions.find(({ ref }) => ref.kind === 'tool')?.version).toMatch(/^malformed:sha256:/);
  });
}
