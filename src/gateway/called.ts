import { type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';

/** What a request makes use of. */
export type Called =
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: JsonValue }
  /** Without arguments where it is only completed what a person types. */
  | { readonly kind: 'prompt'; readonly name: string; readonly arguments: JsonValue | undefined }
  /** A resource may be one that a resource template stands for. */
  | { readonly kind: 'resource' | 'resource-template'; readonly name: string }
  | { readonly kind: 'malformed' };

/** Returns what a request makes use of; `undefined` where the method is none that we know. */
export function calledBy(method: string, params: JsonObject): Called | undefined {
  switch (method) {
    case 'tools/call':
      return withArguments('tool', params);
    case 'prompts/get':
      return withArguments('prompt', params);
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return named('resource', stringMember(params, 'uri'));
    case 'completion/complete':
      return completed(memberOf(params, 'ref'));
    default:
      return undefined;
  }
}

function withArguments(kind: 'tool' | 'prompt', params: JsonObject): Called {
  const name = stringMember(params, 'name');
  return name === undefined ? { kind: 'malformed' } : { kind, name, arguments: memberOf(params, 'arguments') ?? {} };
}

function named(kind: 'resource' | 'resource-template', name: string | undefined): Called {
  return name === undefined ? { kind: 'malformed' } : { kind, name };
}

function completed(ref: JsonValue | undefined): Called {
  const type = memberOf(ref, 'type');
  const prompt = type === 'ref/prompt' ? stringMember(ref, 'name') : undefined;
  if (prompt !== undefined) return { kind: 'prompt', name: prompt, arguments: undefined };
  return named('resource-template', type === 'ref/resource' ? stringMember(ref, 'uri') : undefined);
}
