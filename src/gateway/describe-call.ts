import { hash } from 'node:crypto';

import type { Subject } from '../model/access.js';
import type { CallAsked } from '../model/call.js';
import type { Definition } from '../model/definition.js';
import { type JsonObject, type JsonValue, stringMember } from '../model/json.js';
import type { ServerId } from '../model/server-id.js';
import type { Clock } from '../ports.js';
import { quote } from '../quote.js';
import { redactParameters } from '../render/redact-parameters.js';
import type { Outcome } from './backend.js';
import type { Called } from './called.js';
import { codeIn, type GatewayError } from './errors.js';

/** What is decided of a call before it is made, and the approved definition that it is held to. */
export interface Judged {
  readonly refusal: GatewayError | undefined;
  readonly definition: Definition | undefined;
  /** What the client is answered in the place of the refusal. */
  readonly instead?: Outcome;
}

/** Returns a call as it is written down. */
export function describeCall(
  called: Called,
  params: JsonObject,
  { refusal, definition }: Judged,
  context: {
    readonly server: ServerId;
    readonly subject: Subject;
    readonly client: string | undefined;
    readonly deps: { readonly clock: Clock; readonly redact: readonly string[] };
  },
): CallAsked {
  const { server, subject, client, deps } = context;
  const { clock, redact } = deps;
  return {
    at: clock.now().toISOString(),
    server,
    subject: subject.id,
    client,
    kind: called.kind,
    name: called.kind === 'malformed' ? '' : called.name,
    version: definition?.version,
    decision: refusal === undefined ? 'passed' : 'refused',
    code: refusal === undefined ? undefined : (codeIn(refusal) ?? 'MALFORMED'),
    parameters: refusal === undefined ? redactParameters(params, redact) : refusedParameters(params, redact),
  };
}

/** Of a call that is not made, what is longer is not kept. */
const MAX_REFUSED_LENGTH = 4_096;

/** Attack: calls that are refused anyway, each with megabytes of parameters, fill the disk and push older entries out. */
function refusedParameters(params: JsonObject, redact: readonly string[]): string {
  const text = JSON.stringify(params);
  if (text.length <= MAX_REFUSED_LENGTH) return redactParameters(params, redact);
  return JSON.stringify({ notKept: { characters: text.length, sha256: hash('sha256', text, 'hex') } });
}

/** Names of OpenTelemetry's semantic conventions for MCP, as far as there are. */
export function attributesOf(method: string, asked: CallAsked): Readonly<Record<string, string>> {
  const { kind, name, server, subject, decision } = asked;
  return {
    'mcp.method.name': method,
    ...(kind === 'tool' ? { 'gen_ai.tool.name': name } : {}),
    ...(kind === 'prompt' ? { 'gen_ai.prompt.name': name } : {}),
    ...(kind === 'resource' ? { 'mcp.resource.uri': name } : {}),
    'enduser.id': subject,
    'sealwatch.server': server,
    'sealwatch.decision': decision,
  };
}

/** Returns how a client calls itself; `undefined` where it does not. */
export function clientNameOf(info: JsonValue | undefined): string | undefined {
  const name = stringMember(info, 'name');
  return name === undefined ? undefined : quote(`${name} ${stringMember(info, 'version') ?? ''}`.trim(), 80);
}
