import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { SealwatchError } from '../../src/errors.js';

/** Loads a configuration text from a folder of its own. */
export function load(text: string, env: Record<string, string> = {}): Config {
  return inFolder((folder) => {
    writeFileSync(join(folder, 'sealwatch.yaml'), text);
    return loadConfig({ file: undefined, cwd: folder, env, stateDir: undefined });
  });
}

/** Returns the code of the error and its lines, without the folder. */
export function refusal(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(text, env);
  } catch (error) {
    if (!(error instanceof SealwatchError)) throw error;
    return [
      error.code,
      ...error.message.split('\n').map((line) => line.replace(/^.*\/sealwatch\.yaml/, 'sealwatch.yaml')),
    ];
  }
  return ['loaded'];
}

export function inFolder<Result>(action: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-config-'));
  try {
    return action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
