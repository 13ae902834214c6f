import type { Config } from '../config/config.js';
import { createObserver } from '../mcp/observer.js';
import { DEFAULT_RULE_SETTINGS } from '../model/rule-settings.js';
import type { LookDeps } from '../monitor/check-lock.js';
import type { RulePack } from '../scan/rule-pack.js';
import { loadRules } from './load-rules.js';
import { packageVersion } from './package-root.js';
import { createScanner, SMALL } from './scanner.js';
import { systemClock } from './system.js';

/**
 * Runs an action with what looks at servers and at what they declare, and no store: nobody is signed in, and nothing is recorded. Rules are
 * those of the configuration where there is one.
 */
export async function withoutStore<Result>(
  config: Pick<Config, 'rules'> | undefined,
  action: (deps: LookDeps, pack: RulePack) => Promise<Result>,
): Promise<Result> {
  const settings = config?.rules ?? DEFAULT_RULE_SETTINGS;
  const pack = await loadRules(settings);
  const scanner = createScanner({ pack, settings, small: SMALL });
  const observer = createObserver({ clock: systemClock, clientVersion: packageVersion() });
  try {
    return await action({ observer, scanner, clock: systemClock }, pack);
  } finally {
    await scanner.close();
  }
}
