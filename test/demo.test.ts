import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sealwatch-demo-'));
const demo = readFileSync(join(ROOT, 'data', 'demo', 'sealwatch.yaml'), 'utf8')
  .replaceAll('../../node_modules', join(ROOT, 'node_modules'))
  .replaceAll('[demo-server.mjs]', `[${join(ROOT, 'data', 'demo', 'demo-server.mjs')}]`)
  .replace('stateDir: ../../.sealwatch', 'stateDir: .sealwatch');

let token = '';

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Scan {
  readonly servers: readonly {
    readonly server: string;
    readonly status: string;
    readonly tools: number;
    readonly error: { readonly code: string } | null;
    readonly definitions: readonly { readonly ref: string; readonly verdict: string }[];
  }[];
}

function sealwatch(args: readonly string[]) {
  const env = { ...process.env, SEALWATCH_APPROVER_TOKEN: token, SEALWATCH_DEMO_CHANGE_AFTER: '3600' };
  return spawnSync(process.execPath, [join(ROOT, 'dist', 'main.js'), ...args], { cwd: folder, env, encoding: 'utf8' });
}

function scan(expectedExit: number): Scan {
  const { status, stdout } = sealwatch(['scan', '--json']);
  expect(status).toBe(expectedExit);
  return JSON.parse(stdout) as Scan;
}

/** Which definitions of which server are not allowed. */
function notAllowed({ servers }: Scan): readonly string[] {
  return servers.flatMap(({ definitions }) =>
    definitions.filter(({ verdict }) => verdict !== 'allow').map(({ ref }) => ref),
  );
}

test('the demonstration, from first sight to a pulled rug and a broken server', () => {
  writeFileSync(join(folder, 'sealwatch.yaml'), demo);
  expect(sealwatch(['init']).status).toBe(0);
  token = (JSON.parse(sealwatch(['approver', 'add', 'ann', '--json']).stdout) as { token: string }).token;

  const first = scan(1);
  expect(first.servers.map(({ server, status }) => [server, status])).toEqual([
    ['weather', 'checked'],
    ['everything', 'checked'],
    ['everything-http', 'checked'],
    ['filesystem', 'checked'],
    ['memory', 'checked'],
    ['sequential-thinking', 'checked'],
  ]);
  expect(first.servers.every(({ tools }) => tools > 0)).toBe(true);
  expect(notAllowed(first)).toHaveLength(first.servers.flatMap(({ definitions }) => definitions).length);

  expect(sealwatch(['approve', '--all', '--yes']).status).toBe(0);
  expect(notAllowed(scan(0))).toEqual([]);

  // The demonstration server remembers its first start: two hours ago, its time has come.
  writeFileSync(join(folder, '.sealwatch', 'demo-server-started'), String(Date.now() - 7_200_000));
  expect(notAllowed(scan(1))).toEqual(['weather/tool/get_weather']);

  writeFileSync(
    join(folder, 'sealwatch.yaml'),
    demo.replace('server-memory/dist/index.js', 'server-memory/dist/gone.js'),
  );
  const broken = scan(2);
  expect(
    broken.servers.filter(({ error }) => error !== null).map(({ server, error }) => [server, error?.code]),
  ).toEqual([['memory', 'OBSERVE_EXITED']]);
  expect(broken.servers.filter(({ status }) => status !== 'unchecked')).toHaveLength(5);
});
