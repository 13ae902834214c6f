import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { command, mustRun } from './command.mjs';
import { PACKAGE } from './project.mjs';

/** Uses the installed program as the README's first steps do, on a real server and on the one of the demonstration. */
export async function checkProgram(node, project) {
  const installed = join(project, 'node_modules', 'sealwatch');
  const folder = mkdtempSync(join(project, 'folder-'));
  const sealwatch = (...args) => command(node, [join(installed, PACKAGE.bin.sealwatch), ...args], { cwd: folder });
  assert.deepEqual(await sealwatch('--version'), { exitCode: 0, stdout: `${PACKAGE.version}\n`, stderr: '' });
  await startsByItsName(node, project);
  const help = await sealwatch('--help');
  assert.deepEqual([help.exitCode, help.stderr], [0, '']);
  for (const name of ['init', 'scan', 'approve', 'serve']) assert.match(help.stdout, new RegExp(`^ +${name}\\b`, 'm'));
  await scans(node, project, folder, sealwatch);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { exitCode, stdout, stderr } = await sealwatch('completion', shell);
    assert.deepEqual([exitCode, stdout.includes('sealwatch'), stderr], [0, true, ''], shell);
  }
  await demonstrates(node, installed, folder);
  const selftest = await sealwatch('selftest');
  assert.deepEqual([selftest.exitCode, selftest.stderr], [0, ''], `${selftest.stdout}${selftest.stderr}`);
  assert.match(readFileSync(join(installed, PACKAGE.man), 'utf8'), /^\.TH "?SEALWATCH"? /im);
}

/** By the link that npm makes, which needs the first line and the mode of the file. */
async function startsByItsName(node, project) {
  const link = join(project, 'node_modules', '.bin', 'sealwatch');
  assert.equal(statSync(link).mode & 0o111, 0o111);
  const env = { PATH: `${join(node, '..')}:${process.env.PATH ?? ''}` };
  const { stdout } = await mustRun(link, ['--version'], { cwd: project, env });
  assert.equal(stdout, `${PACKAGE.version}\n`);
}

/** Of the servers of the demonstration only our own comes with the package; the others are said to be missing, and nothing fails. */
async function demonstrates(node, installed, folder) {
  const args = [join(installed, PACKAGE.bin.sealwatch), '--state-dir', join(folder, 'demo'), 'demo'];
  const child = spawn(node, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(child, 'close');
  const deadline = Date.now() + 120_000;
  while (!said.includes('Ctrl-C ends') && child.exitCode === null && Date.now() < deadline) await setTimeout(100);
  child.kill('SIGINT');
  await ended;
  assert.match(said, /Watching 1 server\. /);
  assert.match(
    said,
    /left out, because they are not installed here: everything, everything-http, filesystem, memory, sequential/,
  );
  assert.doesNotMatch(said, /could not check|warning/);
}

async function scans(node, project, folder, sealwatch) {
  const init = await sealwatch('init');
  assert.deepEqual([init.exitCode, init.stderr], [0, '']);
  const at = (...path) => join(project, 'node_modules', ...path);
  const servers = {
    thinking: { command: node, args: [at('@modelcontextprotocol/server-sequential-thinking/dist/index.js')] },
    weather: { command: node, args: [at('sealwatch/data/demo/demo-server.mjs')] },
  };
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify({ servers }));
  const { exitCode, stdout, stderr } = await sealwatch('scan', '--json');
  assert.deepEqual([exitCode, stderr], [1, ''], stdout);
  const again = await sealwatch('scan');
  assert.deepEqual([again.exitCode, again.stderr], [1, '']);
  assert.match(again.stdout, /thinking/);
  assert.doesNotMatch(again.stdout, /could not check/);
}
