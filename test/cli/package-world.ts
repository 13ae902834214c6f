import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import type { Bench } from './world.js';

/** Has npm take packages from there, as a project says it. npm tries again for two minutes otherwise. */
export function useRegistry(bench: Bench, url: string): void {
  const lines = [`registry=${url}/`, `cache=${join(bench.folder, 'cache')}`, 'fetch-retries=0', ''];
  writeFileSync(join(bench.folder, '.npmrc'), lines.join('\n'));
}

/** Lists what a client gets behind `sealwatch run`. */
export async function toolsBehindShim(
  bench: Bench,
  server: string,
): Promise<readonly { readonly name: string; readonly description?: string | undefined }[]> {
  const client = new Client({ name: 'client', version: '1' });
  const args = [join(import.meta.dirname, '..', '..', 'dist', 'main.js'), 'run', server];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, cwd: bench.folder, stderr: 'ignore' }),
  );
  const { tools } = await client.listTools();
  await client.close();
  return tools;
}
