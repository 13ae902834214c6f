/**
 * The public API: what another program needs to fingerprint, scan and compare MCP definitions as the command line does. Importing it starts
 * nothing and loads no native module; watching, storing and approving are done by the command line.
 */
export { ERROR_CODES, type ErrorCode, SealwatchError } from './errors.js';
export { makeVisible, quote } from './quote.js';

export { compare, type ReadableChange } from './library/compare.js';
export { type DefinitionFingerprint, fingerprint } from './library/fingerprint.js';
export { scan, type ScanOptions } from './library/scan.js';
export type { Sent } from './library/sent.js';
export type { Listing } from './library/take-listing.js';

export { canonicalize } from './integrity/canonicalize.js';
export { instructionsHash, setHash } from './integrity/fingerprint.js';
export { type InexactNumber, type JsonFlaw, parseJson, type ParsedJson } from './integrity/parse-json.js';

export type { DefinitionKind, DefinitionRef, Flaw, FlawCode, RefText } from './model/definition.js';
export type { Change, ChangeClass, ClassifiedChange, Edit, Urgency } from './model/drift.js';
export { type Finding, isAtLeast, type Severity } from './model/finding.js';
export { type Fingerprint, parseFingerprint, type VersionId } from './model/fingerprint.js';
export type { JsonArray, JsonObject, JsonValue } from './model/json.js';
export type { Pointer } from './model/pointer.js';
export { parseServerId, type ServerId } from './model/server-id.js';
