import { canonicalize } from '../integrity/canonicalize.js';
import { formatRef } from '../integrity/definition-ref.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.js';
import type { Lock, LockedDefinition, LockedServer } from '../model/lock.js';
import type { ServerId } from '../model/server-id.js';
import { escapeInJson } from '../quote.js';
import { LOCK_VERSION } from './lock-schema.js';

/**
 * Returns the text of a lock: the same for the same content, a member a line and in order, so that two branches merge where they
 * touch different definitions.
 *
 * What a reviewer would not see is written as an escape. Attack: text in bidirectional order that hides in a pull request.
 */
export function writeLock({ servers }: Lock): string {
  const entries = [...servers].map(([id, server]) => [id, serverJson(id, server)] as const);
  return `${pretty({ lockVersion: LOCK_VERSION, servers: Object.fromEntries(entries) }, '')}\n`;
}

function serverJson(id: ServerId, { provenance, pins, setHashes, definitions }: LockedServer): JsonObject {
  return {
    provenance,
    pins,
    setHashes: {
      tools: setHashes.tools ?? null,
      prompts: setHashes.prompts ?? null,
      resources: setHashes.resources ?? null,
      resourceTemplates: setHashes.resourceTemplates ?? null,
      instructions: setHashes.instructions ?? null,
    },
    definitions: Object.fromEntries(definitions.map((one) => [keyOf(id, one), definitionJson(one)])),
  };
}

/** The reference without its server: `tool/create_issue`. */
function keyOf(server: ServerId, { kind, name }: LockedDefinition): string {
  return formatRef({ server, kind, name }).slice(server.length + 1);
}

function definitionJson({ version, value }: LockedDefinition): JsonObject {
  return { fingerprint: version, definition: value };
}

/** Our own writer: `JSON.stringify` neither sorts members nor escapes what nobody sees. */
function pretty(value: JsonValue, indent: string): string {
  const inner = `${indent}  `;
  if (isJsonArray(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${indent}]`;
  }
  const names = isJsonObject(value) ? Object.keys(value).sort() : [];
  if (!isJsonObject(value) || names.length === 0) return escapeInJson(canonicalize(value));
  const members = names.map(
    (name) => `${inner}${escapeInJson(canonicalize(name))}: ${pretty(value[name] ?? null, inner)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}
