import { type Definition, isOurs } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Snapshot } from '../model/snapshot.js';
import { findSplitTools, type ScannedTool } from './find-split-tools.js';
import { toolNeighbourhood } from './neighbourhood.js';
import type { RulePack } from './rule-pack.js';
import { scanDefinition, unscanned } from './scan-definition.js';

/** All definitions of one snapshot together; more is not scanned, and says so. The largest of 297 real listings had 2.1 MB. */
const MAX_SNAPSHOT_LENGTH = 8 * 1024 * 1024;

/**
 * Returns what the rules find in a snapshot, in the order of its definitions; `neighbours` are the other servers' tool names.
 *
 * Never throws for what a server wrote: what could not be scanned is a finding itself.
 */
export function scanSnapshot(snapshot: Snapshot, neighbours: readonly Neighbour[], pack: RulePack): readonly Finding[] {
  return Array.from(scanDefinitions(snapshot, neighbours, pack, 0)).flat();
}

/**
 * Returns the same one definition after the other, from the one at a place on, so that somebody can look at the clock in between. What tools
 * say together is among the findings of the last of them; what comes before the place is not in it, and whoever left it out says so.
 */
export function* scanDefinitions(
  snapshot: Snapshot,
  neighbours: readonly Neighbour[],
  pack: RulePack,
  from: number,
): Generator<readonly Finding[]> {
  const { definitions } = snapshot;
  const context = toolNeighbourhood(snapshot, neighbours);
  const lastTool = definitions.findLastIndex(({ ref }) => ref.kind === 'tool');
  const tools: ScannedTool[] = [];
  let length = definitions.slice(0, from).reduce((sum, one) => sum + lengthOf(one), 0);
  for (const [place, definition] of definitions.entries()) {
    if (place < from) continue;
    if (isOurs(definition.ref)) {
      // What we wrote ourselves is read by no model.
      yield [];
      continue;
    }
    length += definition.content.length;
    const own = length > MAX_SNAPSHOT_LENGTH ? undefined : scanDefinition(definition, context, pack);
    if (own !== undefined && definition.ref.kind === 'tool') tools.push({ ...own, definition });
    const findings = own?.findings ?? unscanned(definition);
    yield place === lastTool ? [...findings, ...findSplitTools(tools, pack)] : findings;
  }
}

function lengthOf({ ref, content }: Definition): number {
  return isOurs(ref) ? 0 : content.length;
}
