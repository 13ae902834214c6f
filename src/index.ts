/**
 * The public API: what another program needs to fingerprint, compare and scan MCP definitions in the same way. Everything here
 * is pure; watching, storing and approving are done by the command line.
 */
export { ERROR_CODES, type ErrorCode, SealwatchError } from './errors.js';
export { makeVisible, quote } from './quote.js';

export { canonicalize } from './integrity/canonicalize.js';
export { compareJson } from './integrity/compare-json.js';
export { compareSnapshots } from './integrity/compare.js';
export { formatRef, parseRef, shortRef } from './integrity/definition-ref.js';
export { fingerprintOf, instructionsHash, setHash } from './integrity/fingerprint.js';
export { type JsonFlaw, parseJson, type ParsedJson } from './integrity/parse-json.js';
export { takeSnapshot } from './integrity/take-snapshot.js';

export { compileRules } from './scan/compile-rules.js';
export { parseRule } from './scan/parse-rule.js';
export type { Rule } from './scan/rule.js';
export type { RulePack } from './scan/rule-pack.js';
export { scanSnapshot } from './scan/scan-snapshot.js';

export { classifyChanges } from './policy/classify-change.js';
export { decide } from './policy/decide.js';

export type { Decision, Reason, ReasonCode, Verdict } from './model/decision.js';
export type { Definition, DefinitionKind, DefinitionRef, Flaw, RefText } from './model/definition.js';
export type { Change, ChangeClass, ClassifiedChange, Drift, Edit, Urgency } from './model/drift.js';
export type { Finding, Severity } from './model/finding.js';
export { type Fingerprint, parseFingerprint, type VersionId } from './model/fingerprint.js';
export type { JsonObject, JsonValue } from './model/json.js';
export { DEFAULT_LIMITS, type Limits } from './model/limits.js';
export type { Mask } from './model/mask.js';
export type { Neighbour } from './model/neighbour.js';
export type { Observation, Page } from './model/observation.js';
export { parseServerId, type ServerId } from './model/server-id.js';
export type { Baseline, SetHashes, Snapshot } from './model/snapshot.js';
