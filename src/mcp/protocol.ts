/** The revisions that begin with `initialize`, newest first. */
export const INITIALIZE_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** The revisions without a handshake: every request says who asks, and `server/discover` says who answers. */
export const MODERN_REVISION = '2026-07-28';

/** What every request of {@link MODERN_REVISION} carries in `params._meta`. */
export const PROTOCOL_VERSION_META = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_META = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES_META = 'io.modelcontextprotocol/clientCapabilities';

/** JSON-RPC 2.0 section 5.1, and the code that MCP 2026-07-28 adds. */
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;

/** The notifications after which a listing is out of date. */
export const LIST_CHANGED = [
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
];
