import { loadRules } from '../cli/load-rules.js';
import type { RulePack } from '../scan/rule-pack.js';

let loading: Promise<RulePack> | undefined;

/**
 * Returns the rules that come with the package and the learned model, read at the first call and kept: they are data of the package and
 * the same for every caller.
 *
 * @throws {SealwatchError} `RULE_INVALID` where they cannot be read; the next call tries again.
 */
export async function ownRules(): Promise<RulePack> {
  loading ??= loadRules();
  try {
    return await loading;
  } catch (cause) {
    loading = undefined;
    throw cause;
  }
}
