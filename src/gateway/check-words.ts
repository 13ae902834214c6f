import { isJsonObject, type JsonValue, memberOf } from '../model/json.js';
import { applyOutputMode } from '../scan/apply-output-mode.js';
import { normalizeText } from '../scan/normalize-text.js';
import type { OutputRules } from './check-answer.js';

/** What is left of what was said; `undefined` where it is kept back. */
type Checked = { readonly params: JsonValue | undefined } | undefined;

/**
 * Returns what a server says of its own accord (a log message, a progress, a question to the model or the user) as the client hears it.
 * There is no place for words of ours in it: what would be annotated in a result is replaced here.
 */
export async function checkWords(
  params: JsonValue | undefined,
  { checker, mode }: Pick<OutputRules, 'checker' | 'mode'>,
): Promise<Checked> {
  if (params === undefined) return { params };
  const checked = await checker.check(params, JSON.stringify(params).length);
  const applied = applyOutputMode(checked, mode === 'annotate' ? 'redact' : mode, 'completion');
  return applied.kind === 'block' ? undefined : { params: applied.result };
}

/** The same of a question to the user, which says which server asks; one in our name is kept back. */
export async function checkQuestion(
  by: string,
  params: JsonValue | undefined,
  rules: Parameters<typeof checkWords>[1],
): Promise<Checked> {
  const message = memberOf(params, 'message');
  if (!isJsonObject(params) || typeof message !== 'string') return await checkWords(params, rules);
  return isInOurName(message) ? undefined : await checkWords({ ...params, message: `${by} asks: ${message}` }, rules);
}

/** Attack: a server asks in our words, and has the user open a page of its own instead of ours. */
function isInOurName(message: string): boolean {
  return /s\W*e\W*a\W*l\W*w\W*a\W*t\W*c\W*h/i.test(normalizeText(message).text);
}
