import type { CompiledSchema, UnknownSchema } from '../integrity/json-schema/compiled-schema.js';
import { satisfies } from '../integrity/json-schema/satisfies.js';
import { MAX_DEPTH } from '../integrity/max-depth.js';
import { parseJson } from '../integrity/parse-json.js';
import { isJsonArray, memberOf, stringMember } from '../model/json.js';
import type { OutputMode } from '../model/server.js';
import type { OutputChecker } from '../ports.js';
import type { RpcError } from '../mcp/read-message.js';
import { applyOutputMode, type OutputKind } from '../scan/apply-output-mode.js';
import type { Outcome } from './backend.js';
import { blockedOutput, type GatewayError, INTERNAL_ERROR, invalidOutput, isOurs } from './errors.js';

/** What a result is held to. */
export interface OutputRules {
  readonly checker: OutputChecker;
  readonly mode: OutputMode;
  /** `outputSchema` of the approved tool; `undefined` where it has none. */
  readonly schema: CompiledSchema | UnknownSchema | undefined;
  readonly kind: OutputKind;
}

/**
 * Returns the result of a call as it goes to the client: without what people do not see, and with what the mode says where something was
 * found in it. A result of which nothing is changed goes on as the server sent it, byte for byte.
 */
export async function checkAnswer(text: string, { checker, mode, schema, kind }: OutputRules): Promise<Outcome> {
  const { value, flaws, inexact } = parseJson(text, { maxDepth: MAX_DEPTH });
  // Two readers would see two results.
  if (flaws.length > 0) return { kind: 'refusal', error: invalidOutput('it can be read in two ways') };
  const structured = memberOf(value, 'structuredContent');
  if (schema !== undefined && structured !== undefined) {
    const answer = satisfies(schema, structured);
    if (answer.kind === 'invalid') return { kind: 'refusal', error: invalidOutput(answer.keyword) };
    if (answer.kind === 'unknown') return { kind: 'refusal', error: invalidOutput(answer.why) };
  }
  const checked = await checker.check(value, text.length);
  const applied = applyOutputMode(checked, mode, kind);
  if (applied.kind === 'block') return { kind: 'refusal', error: blockedOutput(applied.rules) };
  if (applied.result === value) return { kind: 'result', text };
  // What is written anew would lose what a double cannot carry.
  if (inexact.length > 0) return { kind: 'refusal', error: invalidOutput('a number in it cannot be carried exactly') };
  return { kind: 'result', text: JSON.stringify(applied.result) };
}

/**
 * Returns the error that a server answered with, as the client is told it: a model reads its message like a result. Its data is left out,
 * and so is a message in which something was found, but where the mode is `pass`. It never looks like an error of ours.
 */
export async function checkError(
  { code, message }: RpcError,
  { checker, mode }: Pick<OutputRules, 'checker' | 'mode'>,
): Promise<GatewayError> {
  const shown = isOurs(code) ? INTERNAL_ERROR : code;
  const item = { type: 'text', text: message.slice(0, MAX_ERROR_LENGTH) };
  const checked = await checker.check({ content: [item] }, item.text.length);
  const applied = applyOutputMode(checked, mode === 'pass' ? 'pass' : 'block', 'tool');
  if (applied.kind === 'block') return { ...blockedOutput(applied.rules), code: shown };
  const content = memberOf(applied.result, 'content');
  return { code: shown, message: (isJsonArray(content) ? stringMember(content[0], 'text') : undefined) ?? '' };
}

/** A longer message is no message. */
const MAX_ERROR_LENGTH = 2_000;
