import { type Kysely, sql } from 'kysely';

import { SealwatchError } from '../errors.js';
import type { Tables } from './tables.js';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Brings a database, also an empty one, to the newest version. Call it in a writing transaction. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const from = (await isEmpty(db)) ? 0 : await databaseVersion(db);
  for (const { version, name, statements } of MIGRATIONS.filter((migration) => migration.version > from)) {
    for (const statement of statements) await sql.raw(statement).execute(db);
    await db.insertInto('migrations').values({ version, name }).execute();
  }
}

/**
 * Returns the version of the database.
 *
 * @throws {SealwatchError} `STORE_NEWER` where a newer program wrote it: an old one would misread what that one records.
 * `STORE_CORRUPT` where it has none.
 */
export async function databaseVersion(db: Kysely<Tables>): Promise<number> {
  const rows = await db.selectFrom('migrations').select('version').execute();
  const version = Math.max(0, ...rows.map((row) => row.version));
  if (version === 0) throw new SealwatchError('STORE_CORRUPT', 'the database does not say its version');
  if (version > NEWEST_VERSION) {
    throw new SealwatchError(
      'STORE_NEWER',
      `the store has version ${version}, this program knows ${NEWEST_VERSION}: use the newer program that wrote it`,
    );
  }
  return version;
}

/** Forward only: a migration that was released is never changed, and there is no way back but a backup. */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'first',
    statements: [
      `create table migrations (version integer not null primary key, name text not null)`,
      `create table tenants (
        tenant text not null primary key, store_id text not null, surroundings integer not null)`,
      `create table versions (
        tenant text not null, version text not null, content text not null, primary key (tenant, version))`,
      `create table snapshots (
        tenant text not null, server text not null, vantage text not null, digest text not null,
        protocol_version text not null, set_hashes text not null, definitions text not null,
        primary key (tenant, server, vantage, digest))`,
      `create table current_texts (
        tenant text not null, server text not null, vantage text not null, ref_text text not null,
        raw_fingerprint text not null, content text not null, primary key (tenant, server, vantage, ref_text))`,
      `create table sightings (
        tenant text not null, server text not null, vantage text not null, ref_text text not null, version text not null,
        first_seen_at text not null, last_seen_at text not null, times integer not null, present_since integer,
        primary key (tenant, server, vantage, ref_text, version))`,
      `create index sightings_present on sightings (tenant, server, vantage, present_since)`,
      `create index sightings_by_ref on sightings (tenant, ref_text)`,
      `create table checks (
        tenant text not null, server text not null, vantage text not null, revision integer not null,
        checks integer not null, at text not null, key text not null, raw_digest text not null,
        snapshot_digest text not null, primary key (tenant, server, vantage))`,
      `create table surfaces (
        tenant text not null, server text not null, vantage text not null, tools text not null,
        primary key (tenant, server, vantage))`,
      `create table outages (
        tenant text not null, server text not null, vantage text not null, since text not null,
        failures integer not null, code text not null, message text not null, primary key (tenant, server, vantage))`,
      `create table requests (
        tenant text not null, id integer not null, server text not null, vantage text not null, state text not null,
        digest text not null, provenance text not null, target text not null, urgency text not null, body text not null,
        flapping integer not null, opened_at text not null, settled_at text, settled_by text, comment text,
        superseded_by integer, leaf integer not null, primary key (tenant, id))`,
      `create index requests_by_server on requests (tenant, server, vantage, state)`,
      `create table approvals (
        tenant text not null, id integer not null, server text not null, vantage text not null, ref_text text not null,
        version text not null, provenance text not null, content_digest text not null, approved_by text not null,
        approved_at text not null, request integer, leaf integer not null, ended_at text, ended_by text,
        primary key (tenant, id), unique (tenant, leaf))`,
      `create index approvals_by_ref on approvals (tenant, ref_text)`,
      `create index approvals_by_server on approvals (tenant, server, vantage, ended_at)`,
      `create table waivers (
        tenant text not null, id integer not null, server text not null, rule text not null, ref_text text not null,
        version text not null, reason text not null, waived_by text not null, waived_at text not null,
        expires_at text not null, leaf integer not null, primary key (tenant, id))`,
      `create index waivers_by_server on waivers (tenant, server)`,
      `create table alerts (
        tenant text not null, id integer not null, dedup_key text not null, subject text not null, urgency text not null,
        created_at text not null, primary key (tenant, id), unique (tenant, dedup_key))`,
      `create table deliveries (
        tenant text not null, id integer not null, alert integer not null, channel text not null, recipient text not null,
        state text not null, attempts integer not null, next_attempt_at text not null, lease_until text, sent_at text,
        message text, primary key (tenant, id), foreign key (tenant, alert) references alerts (tenant, id))`,
      `create index deliveries_by_state on deliveries (tenant, state, next_attempt_at)`,
      `create table links (
        tenant text not null, hash text not null, request integer not null, digest text not null, recipient text not null,
        issued_at text not null, expires_at text not null, used_at text, leaf integer not null,
        primary key (tenant, hash), foreign key (tenant, request) references requests (tenant, id))`,
      `create table approvers (
        tenant text not null, name text not null, token_hash text not null, code_hash text not null,
        code_expires_at text not null, code_used_at text, added_at text not null, added_by text not null,
        leaf integer not null, primary key (tenant, name))`,
      `create table browsers (
        tenant text not null, session_hash text not null, name text not null, approver_leaf integer not null,
        enrolled_at text not null, expires_at text not null, leaf integer not null, primary key (tenant, session_hash))`,
      `create table inputs (
        tenant text not null, name text not null, digest text not null, primary key (tenant, name))`,
      `create table audit_entries (
        tenant text not null, position integer not null, at text not null, type text not null, actor text not null,
        digest text not null, ends integer, leaf_hash text not null, details text, salt text,
        primary key (tenant, position))`,
      `create table audit_heads (
        tenant text not null primary key, size integer not null, checkpoint text not null)`,
    ],
  },
  {
    version: 2,
    name: 'people',
    statements: [
      `alter table requests add column review text not null default '[]'`,
      `alter table requests add column texts_digest text`,
      `alter table requests add column told_digest text`,
      `alter table requests add column told_at text`,
      `alter table requests add column told_leaf integer`,
      `alter table checks add column seal text`,
      `create index requests_by_state on requests (tenant, state)`,
      `alter table deliveries add column in_digest integer not null default 0`,
      `alter table alerts add column request integer`,
      `update alerts set request = json_extract(subject, '$.request')
        where json_extract(subject, '$.kind') = 'change-request'`,
      `create index alerts_by_request on alerts (tenant, request)`,
      `create index deliveries_by_alert on deliveries (tenant, alert)`,
      `create table sessions (
        tenant text not null, session_hash text not null, principal text not null, name text not null, how text not null,
        grants text not null, started_at text not null, last_used_at text not null, expires_at text not null,
        leaf integer not null, primary key (tenant, session_hash))`,
      `create table api_tokens (
        tenant text not null, name text not null, token_hash text not null, grants text not null, added_at text not null,
        added_by text not null, expires_at text not null, leaf integer not null, primary key (tenant, name))`,
      `create index api_tokens_by_hash on api_tokens (tenant, token_hash)`,
      `create table openings (
        tenant text not null, person text not null, request integer not null, digest text not null,
        opened_at text not null, primary key (tenant, person, request, digest),
        foreign key (tenant, request) references requests (tenant, id))`,
      `create table comments (
        tenant text not null, request integer not null, leaf integer not null, written_by text not null,
        written_at text not null, text text not null, primary key (tenant, request, leaf),
        foreign key (tenant, request) references requests (tenant, id))`,
      `create table endorsements (
        tenant text not null, request integer not null, leaf integer not null, digest text not null,
        endorsed_by text not null, name text not null, identity text not null, endorsed_at text not null,
        comment text, link text, primary key (tenant, request, leaf), foreign key (tenant, request) references requests (tenant, id))`,
    ],
  },
  {
    version: 3,
    name: 'judgements',
    statements: [
      `create table judgements (
        tenant text not null, judge text not null, text text not null, at text not null, verdict text not null,
        primary key (tenant, judge, text))`,
    ],
  },
  {
    version: 4,
    name: 'sealed',
    statements: [
      `create table sealed (
        tenant text not null, name text not null, text text not null, at text not null, primary key (tenant, name))`,
    ],
  },
  {
    version: 5,
    name: 'calls',
    statements: [
      `create table consents (
        tenant text not null, id text not null, server text not null, tool text not null, version text,
        covers text not null, session text not null, subject text not null, person text, client text,
        binding text not null, parameters text not null, asked_at text not null, expires_at text not null,
        seal text not null, decision text, decided_by text, decided_at text, leaf integer, used_at text,
        primary key (tenant, id))`,
      `create index consents_by_binding on consents (tenant, binding)`,
      `create table call_counts (
        tenant text not null, day text not null, server text not null, view text not null, name text not null,
        calls integer not null, primary key (tenant, day, server, view, name))`,
    ],
  },
];

/** The version that this program writes. */
export const NEWEST_VERSION = MIGRATIONS.length;

async function isEmpty(db: Kysely<Tables>): Promise<boolean> {
  return (await db.introspection.getTables()).length === 0;
}
