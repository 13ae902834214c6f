// The product as somebody gets it: packed, installed into an empty project, and used as the README says, on this Node and on a newer one.
// Usage: npm run test:package ; it needs the npm registry, a compiler, and some ten minutes. Each part that fails is told, and fails the script.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkContents } from './contents.mjs';
import { checkExamples } from './examples.mjs';
import { installNewerNode, rebuildFor } from './newer-node.mjs';
import { checkProgram } from './program.mjs';
import { install, pack } from './project.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sealwatch-package-'));
const parts = [];
/** Each of them once, the last two also on the newer Node. */
const PARTS = 9;

await part('pack', () => pack(folder));
const packed = await part('what lies in the package', () => checkContents(folder));
const project = join(folder, 'project');
const isInstalled = packed !== undefined && (await part('install', () => install(project, packed.tarball)));
if (isInstalled) {
  await onNode(process.execPath, project);
  const newer = await part('install a newer Node', () => installNewerNode(join(folder, 'newer-node')));
  if (newer !== undefined) {
    const other = join(folder, 'newer-project');
    cpSync(project, other, { recursive: true, verbatimSymlinks: true });
    await part('build the native module for the newer Node', () => rebuildFor(newer, other));
    await onNode(newer.program, other);
  }
}
const failed = parts.filter(({ error }) => error !== undefined);
// What was not reached was not run, and what was not run did not pass.
if (failed.length === 0 && parts.length !== PARTS) throw new Error(`only ${parts.length} parts were run`);
if (failed.length === 0) rmSync(folder, { recursive: true, force: true });
else console.error(`left for a look: ${folder}`);
console.log(`${parts.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function onNode(node, at) {
  await part(`the examples of the README, ${at === project ? 'this' : 'the newer'} Node`, () =>
    checkExamples(node, at),
  );
  await part(`the program, ${at === project ? 'this' : 'the newer'} Node`, () => checkProgram(node, at));
}

async function part(name, run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  try {
    const result = await run();
    parts.push({ name });
    console.log(`ok    ${name}, ${seconds()}`);
    return result ?? true;
  } catch (error) {
    parts.push({ name, error });
    console.log(`FAIL  ${name}, ${seconds()}\n${error instanceof Error ? error.stack : String(error)}`);
    return undefined;
  }
}
