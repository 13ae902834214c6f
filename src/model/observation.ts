import type { JsonObject } from './json.js';
import type { DefinitionKind } from './definition.js';
import type { ServerId } from './server-id.js';

/** The kinds that come in pages, with their method and the member of the result that holds them. */
export const LISTS = [
  { kind: 'tool', method: 'tools/list', member: 'tools', capability: 'tools' },
  { kind: 'prompt', method: 'prompts/list', member: 'prompts', capability: 'prompts' },
  { kind: 'resource', method: 'resources/list', member: 'resources', capability: 'resources' },
  {
    kind: 'resource-template',
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
  },
] as const satisfies readonly { kind: DefinitionKind; method: string; member: string; capability: string }[];

type ListMethod = (typeof LISTS)[number]['method'];

/** One complete raw listing of one server's surface. Texts are the JSON texts as received, decoded as UTF-8. */
export interface Observation {
  readonly server: ServerId;
  /** Who asked: `default` is ourselves, whose listing is what is approved. */
  readonly vantage: string;
  /** The negotiated protocol revision, such as `2025-11-25`. */
  readonly protocolVersion: string;
  /** `result` of `initialize` or `server/discover`, as received. */
  readonly handshake: string;
  readonly pages: readonly Page[];
  readonly provenance: JsonObject;
  /** SHA-256, hex, over the protocol revision, the handshake and every page: equal bytes need no parsing. */
  readonly rawDigest: string;
  /** How long it took, for the report. */
  readonly durationMs: number;
  /** Things worth telling that do not make the answer wrong, such as lines on standard output that are not JSON-RPC. */
  readonly remarks: readonly string[];
  /** When the certificate that the server showed ends, ISO 8601. It belongs to the connection and is no part of what is approved. */
  readonly certificateExpiresAt?: string;
  /** The same, where that is soon: then it has to be decided on. */
  readonly certificate?: { readonly endsAt: string };
  /** What the server shows to the vantages of its configuration that it did not refuse. */
  readonly faces?: readonly Face[];
  /** What it meets of what the specification asks for, where that is recorded: the status of each line that could be told. */
  readonly posture?: JsonObject;
}

/** The same server, asked as somebody else. */
export interface Face {
  readonly vantage: string;
  readonly observation: Observation;
}

/** One page of one list: the whole `result` member as received. */
export interface Page {
  readonly method: ListMethod;
  readonly result: string;
}
