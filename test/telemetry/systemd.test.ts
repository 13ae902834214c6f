import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from 'vitest';

import { createServiceManager } from '../../src/telemetry/systemd.js';

/** What systemd does: a datagram socket in the file system whose messages are read. */
const RECEIVER = `
import array, os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("bound", flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, 1024)
    # The sender waits until its barrier is closed (sd_notify_barrier(3)).
    for _, _, descriptors in ancillary:
        for one in array.array("i", descriptors): os.close(one)
    print(data.decode().replace("\\n", " "), flush=True)
`;

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Where the project is judged, no test may skip. */
const HAS_BOTH = process.env['CI'] === 'true' || (has('systemd-notify') && has('python3'));

let receiver: ChildProcess | undefined;
const folders: string[] = [];
afterEach(() => {
  receiver?.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function startReceiver() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-notify-'));
  folders.push(folder);
  const path = join(folder, 'notify');
  receiver = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  receiver.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  if (receiver.stdout !== null) await once(receiver.stdout, 'data');
  const until = async (expected: string): Promise<void> => {
    for (let tries = 0; !text.includes(expected); tries++) {
      if (tries > 500) throw new Error(`waited for ${expected}, got ${text}`);
      await sleep(20);
    }
  };
  return { path, text: () => text, until };
}

const warnings: string[] = [];
const logger = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };

test.skipIf(!HAS_BOTH)('systemd hears that the service is ready, alive, and stopping', async () => {
  const { path, until } = await startReceiver();
  const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' };
  const manager = createServiceManager(env, () => true, logger);
  await manager.ready('watching 3 servers');
  await until('READY=1');
  await until('STATUS=watching 3 servers');
  await until('WATCHDOG=1');
  await manager.stopping();
  await until('STOPPING=1');
  manager.release();
});

test.skipIf(!HAS_BOTH)('systemd hears nothing from a service whose timers are dead', async () => {
  const { path, text, until } = await startReceiver();
  const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000' };
  const manager = createServiceManager(env, () => false, logger);
  await manager.ready('stuck');
  await until('READY=1');
  await sleep(500);
  expect(text()).not.toContain('WATCHDOG');
  manager.release();
});

test.skipIf(!HAS_BOTH)('a watchdog for another process is none of ours', async () => {
  const { path, text, until } = await startReceiver();
  const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' };
  const manager = createServiceManager(env, () => true, logger);
  await manager.ready('here');
  await until('READY=1');
  await sleep(300);
  expect(text()).not.toContain('WATCHDOG');
  manager.release();
});

test('where nobody listens, that is logged and nothing fails', async () => {
  warnings.length = 0;
  const manager = createServiceManager({ PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' }, () => true, logger);
  await manager.ready('here');
  manager.release();
  expect(warnings).toEqual([expect.stringContaining('systemd could not be told READY=1')]);
});

test('without systemd nothing is told', async () => {
  warnings.length = 0;
  const manager = createServiceManager({ PATH: '/nowhere' }, () => true, logger);
  await manager.ready('here');
  await manager.stopping();
  manager.release();
  expect(warnings).toEqual([]);
});
