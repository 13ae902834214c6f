import { isJsonObject, type JsonValue, memberOf } from '../model/json.js';
import { applyOutputMode } from '../scan/apply-output-mode.js';
import type { OutputRules } from './check-answer.js';

/**
 * Returns what a server says of its own accord (a log message, a progress, a question to the model or the user) as the client hears it;
 * `undefined` where it is kept back. There is no place for words of ours in it: what would be annotated in a result is replaced here.
 */
export async function checkWords(
  params: JsonValue | undefined,
  { checker, mode }: Pick<OutputRules, 'checker' | 'mode'>,
): Promise<{ readonly params: JsonValue | undefined } | undefined> {
  if (params === undefined) return { params };
  const checked = await checker.check(params, JSON.stringify(params).length);
  const applied = applyOutputMode(checked, mode === 'annotate' ? 'redact' : mode, 'completion');
  return applied.kind === 'block' ? undefined : { params: applied.result };
}

/**
 * Returns a question to the user with the name of the server that asks it; `undefined` where it claims to come from us.
 *
 * Attack: a server asks in our words, and has the user open a page of its own instead of ours.
 */
export function askedBy(by: string, params: JsonValue | undefined): JsonValue | undefined {
  const message = memberOf(params, 'message');
  if (typeof message !== 'string' || !isJsonObject(params)) return params;
  if (/s\W*e\W*a\W*l\W*w\W*a\W*t\W*c\W*h/i.test(message.normalize('NFKC'))) return undefined;
  return { ...params, message: `${by} asks: ${message}` };
}
