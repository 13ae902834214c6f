import type { CallAnswered, CallRecord } from '../model/call.js';

/** Returns a call as programs read it: the parameters are what they are and no text, and what is not there is `null`. */
export function callJson({ parameters, client, version, code, answer, ...call }: CallRecord) {
  return {
    ...call,
    client: client ?? null,
    version: version ?? null,
    code: code ?? null,
    parameters: JSON.parse(parameters) as unknown,
    answer: answer === undefined ? null : answerJson(answer),
  };
}

function answerJson({ code, bytes, digest, ...answer }: CallAnswered) {
  return { ...answer, code: code ?? null, bytes: bytes ?? null, digest: digest ?? null };
}
