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

/** Of a refused call so many characters are written: it takes no approval to send one, and nobody fills the log with them. */
const MAX_REFUSED = 4_096;

/** Of the name that it calls. */
const MAX_REFUSED_NAME = 1_024;

/** Returns a call as it is written down: one that passes whole, of one that is refused its beginning and a digest. */
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
  const parameters = redactParameters(params, redact);
  return {
    at: clock.now().toISOString(),
    server,
    subject: subject.id,
    client,
    kind: called.kind,
    name: refusal === undefined ? nameOf(called) : cut(nameOf(called), MAX_REFUSED_NAME),
    version: definition?.version,
    decision: refusal === undefined ? 'passed' : 'refused',
    code: refusal === undefined ? undefined : (codeIn(refusal) ?? 'MALFORMED'),
    parameters: refusal === undefined ? parameters : beginningOf(parameters),
  };
}

function nameOf(called: Called): string {
  return called.kind === 'malformed' ? '' : called.name;
}

/** Parameters are an object: a text in their place is the beginning of it, and cannot be taken for the whole. */
function beginningOf(parameters: string): string {
  return parameters.length <= MAX_REFUSED ? parameters : JSON.stringify(cut(parameters, MAX_REFUSED));
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (the beginning of ${text.length} characters, SHA-256 ${hash('sha256', text, 'hex')})`;
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
