import { loadRules } from '../../dist/cli/load-rules.js';
import { failedExamples } from '../../dist/scan/try-examples.js';

/** Returns the rules as a service has them that runs for a while: index and expressions are built, no text of a corpus was seen. */
export async function warmRules() {
  const pack = await loadRules();
  for (const rule of pack.rules) failedExamples(rule, pack);
  return pack;
}
