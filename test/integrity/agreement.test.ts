import reference from 'canonicalize';
import { expect, test } from 'vitest';
import { canonicalize } from '../../src/integrity/canonicalize.js';
import { parseJson } from '../../src/integrity/parse-json.js';
import { disagreement } from './disagreement.mjs';
import { generateJson } from './generate-json.mjs';

test('100,000 generated texts are read as JSON.parse reads them, and written as the reference writes them', () => {
  let refused = 0;
  for (let seed = 0; seed < 100_000; seed++) {
    const text = generateJson(seed);
    const found = disagreement(text, { parseJson, canonicalize, reference });
    if (found !== undefined) expect.fail(`seed ${seed}, ${JSON.stringify(text)}: ${found}`);
    if (!isJson(text)) refused++;
  }
  // Neither kind of input may have become rare.
  expect(refused).toBeGreaterThan(10_000);
  expect(refused).toBeLessThan(50_000);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
