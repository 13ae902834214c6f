import { parseJson } from '../integrity/parse-json.js';
import type { Upstream } from '../mcp/open-upstream.js';
import { INITIALIZE_REVISIONS, MODERN_REVISION } from '../mcp/protocol.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { GatewayMode } from '../model/server.js';
import type { Guard } from './guard.js';

/** Where MCP 2026-07-28 has the server's info. */
const SERVER_INFO_META = 'io.modelcontextprotocol/serverInfo';

/** What is handed on of what a server can do. What is not known here is no promise that we keep. */
const LISTS = ['tools', 'prompts', 'resources'];
const FEATURES = ['logging', 'completions'];

/** What may be said of a server. */
export interface Introduced {
  readonly capabilities: JsonObject;
  readonly serverInfo: JsonValue;
  readonly instructions: JsonValue | undefined;
}

/** Returns what the server says of itself where that is approved, its instructions too; only its name of ours otherwise. */
export async function introducedBy(
  upstream: Upstream,
  guard: Guard,
  id: string,
  mode: GatewayMode,
): Promise<Introduced> {
  const { value } = parseJson(upstream.handshake, { maxDepth: 64 });
  const info = memberOf(value, 'serverInfo') ?? memberOf(memberOf(value, '_meta'), SERVER_INFO_META);
  const isOpen = mode === 'observe';
  const mayIntroduce = isOpen || (await guard.verdictOn('server')) === 'allow';
  const mayInstruct = isOpen || (await guard.verdictOn('instructions')) === 'allow';
  return {
    capabilities: capabilitiesOf(upstream),
    serverInfo: mayIntroduce && isJsonObject(info) ? info : { name: id, version: '0' },
    instructions: mayInstruct ? memberOf(value, 'instructions') : undefined,
  };
}

/**
 * Returns the `result` of `initialize` as JSON text.
 *
 * @param asked the revision that the client asked for
 */
export function toGreeting({ capabilities, serverInfo, instructions }: Introduced, asked: string | undefined): string {
  const protocolVersion = INITIALIZE_REVISIONS.find((one) => one === asked) ?? INITIALIZE_REVISIONS[0];
  return JSON.stringify({
    protocolVersion,
    capabilities,
    serverInfo,
    ...(instructions === undefined ? {} : { instructions }),
  });
}

/** Returns the `result` of `server/discover` as JSON text. */
export function toDiscovery({ capabilities, serverInfo, instructions }: Introduced): string {
  return JSON.stringify({
    resultType: 'complete',
    supportedVersions: [MODERN_REVISION],
    capabilities,
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [SERVER_INFO_META]: serverInfo },
    ...(instructions === undefined ? {} : { instructions }),
  });
}

/** A client is told when what it may use changes, whether or not the server announces its own changes. */
function capabilitiesOf({ capabilities }: Upstream): JsonObject {
  const lists = LISTS.flatMap((name) => {
    const own = memberOf(capabilities, name);
    if (!isJsonObject(own)) return [];
    const subscribe = memberOf(own, 'subscribe') === true ? { subscribe: true } : {};
    return [[name, { ...subscribe, listChanged: true }] as const];
  });
  const features = FEATURES.flatMap((name) =>
    isJsonObject(memberOf(capabilities, name)) ? [[name, {}] as const] : [],
  );
  return Object.fromEntries<JsonValue>([...lists, ...features]);
}
