// What the program says of a case: the real pipeline from the bytes of a listing to findings and changes.
import { takeSnapshot } from '../../dist/integrity/take-snapshot.js';
import { DEFAULT_LIMITS } from '../../dist/model/limits.js';
import { LISTS } from '../../dist/model/observation.js';
import { DEFAULT_POLICY } from '../../dist/model/policy.js';
import { SEVERITIES, severitiesOf } from '../../dist/model/finding.js';
import { evaluate } from '../../dist/monitor/evaluate.js';
import { scanSnapshot } from '../../dist/scan/scan-snapshot.js';

const NOW = new Date(0);
const NOTHING = { approved: new Map(), isEmpty: true };

/** Returns the listing that a case stands for, `which` of `after` and `before` where it is a pair. */
export function listingOf(one, which = 'after') {
  const tool = one.tool ?? one[which];
  return {
    initialize: { serverInfo: { name: 'server', version: '1' }, instructions: one.server_instructions },
    tools: tool === undefined ? [] : [tool],
    prompts: one.prompt === undefined ? [] : [one.prompt],
    resources: one.resource === undefined ? [] : [one.resource],
  };
}

/** Returns a listing as a snapshot, from its bytes. */
export function snapshotOf(listing, server = 'under-test') {
  const pages = LISTS.flatMap(({ method, member }) =>
    Array.isArray(listing[member]) ? [{ method, result: JSON.stringify({ [member]: listing[member] }) }] : [],
  );
  const observation = {
    server,
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake: JSON.stringify(listing.initialize ?? {}),
    pages,
    provenance: { type: 'stdio', command: 'server' },
    rawDigest: '',
    durationMs: 0,
    remarks: [],
  };
  return takeSnapshot(observation, { volatile: [], limits: DEFAULT_LIMITS });
}

/** Returns the newest listing of each package; they come in the order of their versions. */
export function newest(listings) {
  return [...new Map(listings.map((listing) => [listing.package, listing])).values()];
}

/** Returns the other servers' tools that a case comes with. */
export function neighboursOf({ trusted_context: context }) {
  const names = [...new Set((context ?? []).map(({ server }) => server))];
  return names.map((name, index) => ({
    server: `other-${index}`,
    tools: context.filter(({ server }) => server === name).map(({ tool }) => tool.name),
  }));
}

/** Returns the changes and findings of `after`, where `before` was approved (`undefined`: nothing was). */
export function judge(after, before, neighbours, rules) {
  const baseline = before === undefined ? NOTHING : baselineOf(before);
  const scans = {
    findings: scanSnapshot(after, neighbours, rules),
    known: before === undefined ? [] : scanSnapshot(before, neighbours, rules),
  };
  const surroundings = { server: { firstUse: 'hold', reviewEveryMs: undefined }, now: NOW };
  return evaluate(after, { baseline, waivers: [] }, surroundings, scans, DEFAULT_POLICY);
}

function baselineOf(snapshot) {
  const provenance = snapshot.definitions.find(({ ref }) => ref.kind === 'provenance').version;
  const approved = snapshot.definitions.map(({ refText, version, content }) => [
    refText,
    { refText, version, content, provenance, approval: 1, approvedAt: NOW.toISOString() },
  ]);
  return { approved: new Map(approved), isEmpty: false };
}

/** Returns the severity of the worst definition, all its findings together, as a number; -1 where there is none. */
export function worst(findings) {
  return Math.max(-1, ...severitiesOf(findings).map(({ severity }) => SEVERITIES.indexOf(severity)));
}

export const MEDIUM = SEVERITIES.indexOf('medium');
