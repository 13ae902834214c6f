// The official inspector, in its command-line mode, as a client that is not ours.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, 'node_modules', '@modelcontextprotocol', 'inspector');
const INSPECTOR = join(PACKAGE, 'clients', 'launcher', 'build', 'index.js');

/** Talks by each way to a server that is approved, has a tool of it held, and talks again; `ways` are arguments of the inspector. */
export function inspect({ hold, ...ways }) {
  for (const [name, target] of Object.entries(ways)) {
    const tools = result(target, 'tools/list').tools.map((tool) => tool.name);
    assert.ok(tools.includes('test_simple_text'), `${name}: ${tools}`);
    assert.match(JSON.stringify(result(target, 'tools/call', ...SIMPLE_TEXT)), /This is a simple text response/);
    assert.match(JSON.stringify(result(target, 'prompts/list')), /test_prompt_with_image/);
    assert.match(
      JSON.stringify(result(target, 'resources/read', '--uri', 'test://static-text')),
      /static text resource/,
    );
    console.log(`\u2713 ${name}: ${tools.length} tools listed, called, prompts listed, a resource read`);
  }
  hold();
  for (const [name, target] of Object.entries(ways)) {
    const tools = result(target, 'tools/list').tools.map((tool) => tool.name);
    assert.ok(tools.length > 0 && !tools.includes('test_simple_text'), `${name}: ${tools}`);
    const { status, output } = run(target, 'tools/call', ...SIMPLE_TEXT);
    assert.notEqual(status, 0);
    assert.doesNotMatch(output, /simple text response/);
    console.log(`\u2713 ${name}: the tool that is held is neither listed nor called`);
  }
}

const SIMPLE_TEXT = ['--tool-name', 'test_simple_text'];

function result(target, method, ...more) {
  const { status, stdout, output } = run(target, method, ...more);
  assert.equal(status, 0, output);
  return JSON.parse(stdout);
}

function run(target, method, ...more) {
  const args = [INSPECTOR, '--cli', ...target, '--method', method, ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 180_000 });
  return { status, stdout, output: stdout + stderr };
}
