import { SealwatchError } from '../errors.js';
import type { Grant, Principal } from '../model/principal.js';
import type { ApiToken } from '../model/session.js';
import { quote } from '../quote.js';
import type { Store } from '../ports.js';
import { apiTokenClaim } from './claims.js';
import type { ApiTokenRow } from './people-tables.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { Reading, Writing } from './transactions.js';

/** Keeps a token, with its entry in the log. @throws {SealwatchError} `API_TOKEN_EXISTS` */
export async function saveApiToken(writing: Writing, token: Parameters<Store['addApiToken']>[0]): Promise<void> {
  const { name, hash, grants, at, by, expiresAt } = token;
  if ((await findByName(writing.rows, name)) !== undefined) {
    throw new SealwatchError('API_TOKEN_EXISTS', `there is a token ${quote(name)} already: remove it first`);
  }
  const row = {
    name,
    token_hash: hash,
    grants: JSON.stringify(grants),
    added_at: at,
    added_by: by,
    expires_at: expiresAt,
  };
  const leaf = await writing.append(apiTokenClaim(row));
  await writing.rows.insert('api_tokens', { ...row, leaf }).execute();
}

/** Returns the tokens by name, expired ones too. @throws {SealwatchError} `AUDIT_BROKEN` for one that was put there by somebody else. */
export async function loadApiTokens(reading: Reading): Promise<readonly ApiToken[]> {
  const stored = await reading.rows.select('api_tokens').selectAll().orderBy('name').execute();
  for (const row of stored) await proveToken(reading, row);
  return stored.map((row) => ({
    name: row.name,
    principal: toPrincipal(row),
    addedAt: row.added_at,
    addedBy: row.added_by,
    expiresAt: row.expires_at,
  }));
}

/** Ends a token. @throws {SealwatchError} `NOT_FOUND` */
export async function deleteApiToken(writing: Writing, name: string, at: string, by: string): Promise<void> {
  const row = await findByName(writing.rows, name);
  if (row === undefined) throw new SealwatchError('NOT_FOUND', `there is no token ${quote(name)}`);
  // The entry ends the token's: a row that is put back does not count.
  await writing.append({ type: 'api-token-removed', at, actor: by, details: { name }, ends: row.leaf });
  await writing.rows.remove('api_tokens').where('name', '=', name).execute();
}

/**
 * Returns whose token it is; `undefined` where it is nobody's or expired.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that was put there by somebody else, or was given more rights.
 */
export async function principalOfToken(reading: Reading, hash: string, now: string): Promise<Principal | undefined> {
  const row = await reading.rows.select('api_tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst();
  if (row === undefined || now >= row.expires_at) return undefined;
  await proveToken(reading, row);
  return toPrincipal(row);
}

async function findByName(rows: Scope, name: string): Promise<ApiTokenRow | undefined> {
  return rows.select('api_tokens').selectAll().where('name', '=', name).executeTakeFirst();
}

async function proveToken({ rows, log }: Reading, row: ApiTokenRow): Promise<void> {
  await log.catchUp(rows);
  await log.prove(rows, row.leaf, apiTokenClaim(row));
}

function toPrincipal({ name, grants }: ApiTokenRow): Principal {
  return { id: `api-token:${name}`, name, how: 'api-token', grants: readJson<readonly Grant[]>(grants) };
}
