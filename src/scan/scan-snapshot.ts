import type { Finding } from '../model/finding.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Snapshot } from '../model/snapshot.js';
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
  const context = toolNeighbourhood(snapshot, neighbours);
  let length = 0;
  return snapshot.definitions.flatMap((definition) => {
    // Written by our own configuration, read by no model.
    if (definition.ref.kind === 'provenance') return [];
    length += definition.content.length;
    return length > MAX_SNAPSHOT_LENGTH ? unscanned(definition) : scanDefinition(definition, context, pack);
  });
}
