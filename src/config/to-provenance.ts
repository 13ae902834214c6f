import { hash } from 'node:crypto';

import type { JsonObject } from '../model/json.js';
import { isDecisive } from '../policy/launch-identity.js';
import type { MaskEntry, ServerEntry } from './schema.js';

/**
 * Returns where a server comes from, as the file writes it. Values of the environment and of headers are secrets, and their names
 * say how we sign in, not who answers: both may be rotated or renamed without making it another server. But where a variable
 * decides who answers, the origin that it came to stands beside it.
 *
 * Attack: `PATH` or `NODE_OPTIONS` of an entry has the same command line run another program. Such variables belong to it.
 *
 * @param written the entry as in the file, `entry` the same with its variables filled in.
 */
export function toProvenance(written: ServerEntry, entry: ServerEntry): JsonObject {
  const launch = {
    ...(written.command === undefined ? {} : { command: written.command, args: written.args ?? [] }),
    ...(written.cwd === undefined ? {} : { cwd: written.cwd }),
    ...decisiveIn(written.env ?? {}),
  };
  const masks = written.volatile ?? [];
  const volatile: JsonObject = masks.length === 0 ? {} : { volatile: masks.map(maskAsWritten) };
  return written.url === undefined
    ? { type: 'stdio', ...launch, ...volatile }
    : {
        type: 'http',
        transport: transportOf(written.type),
        url: written.url,
        ...originOf(written, entry),
        ...launch,
        ...volatile,
      };
}

/** Returns the transport that an entry asks for. */
export function transportOf(type: ServerEntry['type']): 'auto' | 'streamable-http' | 'sse' {
  return type === 'streamable-http' || type === 'sse' ? type : 'auto';
}

function decisiveIn(env: Readonly<Record<string, string>>): JsonObject {
  const decisive = Object.entries(env).filter(([name]) => isDecisive(name));
  if (decisive.length === 0) return {};
  return { env: Object.fromEntries(decisive.map(([name, value]) => [name, shownValue(name, value)])) };
}

/** Some of them sign in somewhere: a change of these has to be noticed, and no token to be read. */
function shownValue(name: string, value: string): string {
  const isSecret = SECRET_NAME.test(name) || /\/\/[^/]*@/.test(value);
  return isSecret ? `sha256:${hash('sha256', value, 'hex')}` : value;
}

const SECRET_NAME = /token|secret|passw|auth|key|cred/i;

function maskAsWritten({ kind, name = '', pointer = '', pattern }: MaskEntry): JsonObject {
  return { kind, name, pointer, pattern };
}

function originOf(written: ServerEntry, entry: ServerEntry): JsonObject {
  if (entry.url === undefined || entry.url === written.url) return {};
  return { origin: new URL(entry.url.replaceAll('{port}', '0')).origin };
}
