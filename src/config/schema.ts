import { z } from 'zod';

import { DEFINITION_KINDS, type DefinitionKind } from '../model/definition.js';
import { URGENCIES } from '../model/drift.js';
import { SEVERITIES } from '../model/finding.js';
import { AUTO_APPROVABLE } from '../model/policy.js';

/** The kinds that a mask may be for: everything but the provenance, which the masks themselves are part of. */
const MASKABLE_KINDS = DEFINITION_KINDS.filter(
  (kind): kind is Exclude<DefinitionKind, 'provenance'> => kind !== 'provenance',
);

const text = z.string().min(1);
const flag = z.boolean();
const count = z.int().min(1);
const texts = z.array(z.string());
const mapping = z.record(z.string(), z.string());

const schedule = text.describe('An interval (30s, 5m, 1h) or a cron expression (*/5 * * * *).');
const timeZone = text.describe(
  'IANA time zone of a cron expression, such as Europe/Berlin; that of the machine otherwise.',
);
const firstUse = z
  .enum(['hold', 'trust'])
  .describe('hold asks a person for everything new; trust approves what is seen first, and the record says so.');
const maxUnchecked = text.describe(
  'After so long without a complete observation, everything of the server is held: 24h.',
);

const limits = z
  .strictObject({
    startMs: count.optional(),
    requestMs: count.optional(),
    maxMessageBytes: count.optional(),
    maxListingBytes: count.optional(),
    maxDefinitions: count.optional(),
    maxDefinitionBytes: count.optional(),
    maxPages: count.optional(),
    maxDepth: count.max(1_000).optional(),
  })
  .describe('How much a server may ask of us; beyond it the answer is "could not check".');

const mask = z
  .strictObject({
    kind: z.enum(MASKABLE_KINDS),
    name: z
      .string()
      .describe('The name of the definition; * for all of the kind; not needed for instructions.')
      .optional(),
    pointer: z.string().describe('JSON Pointer (RFC 6901) to a string in the definition.').optional(),
    pattern: text.describe('A re2js pattern. Matches with white space or longer than 64 characters are not masked.'),
  })
  .describe('Text that an honest server changes by itself; it is left out of the fingerprint.');

const server = z.strictObject({
  type: z
    .enum(['stdio', 'http', 'streamable-http', 'sse'])
    .describe('http tries Streamable HTTP and falls back to SSE.')
    .optional(),
  command: text.optional(),
  args: texts.optional(),
  env: mapping.describe('The whole environment, besides PATH, HOME and what a program needs to start.').optional(),
  cwd: text.describe('Relative to this file; its folder otherwise.').optional(),
  url: text.describe('{port} stands for a free port where the entry has a command too.').optional(),
  headers: mapping.optional(),
  schedule: schedule.optional(),
  timeZone: timeZone.optional(),
  firstUse: firstUse.optional(),
  maxUnchecked: maxUnchecked.optional(),
  limits: limits.optional(),
  labels: mapping.optional(),
  volatile: z.array(mask).optional(),
  disabled: flag.describe('The server is not watched, and every scan says so.').optional(),
  // Keys of clients that say nothing about what a server declares: accepted, so that a copied entry works, and noted.
  autoApprove: z.unknown().describe('Of a client; has no effect here.').optional(),
  alwaysAllow: z.unknown().describe('Of a client; has no effect here.').optional(),
  disabledTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  includeTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  excludeTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  timeout: z.unknown().describe('Of a client; has no effect here: see limits.').optional(),
  trust: z.unknown().describe('Of a client; has no effect here: see firstUse.').optional(),
  description: z.unknown().describe('Of a client; has no effect here.').optional(),
});

/** Keys of clients' entries that are accepted without effect. */
export const CLIENT_KEYS = [
  'autoApprove',
  'alwaysAllow',
  'disabledTools',
  'includeTools',
  'excludeTools',
  'timeout',
  'trust',
  'description',
] as const satisfies readonly (keyof ServerEntry)[];

const email = z.strictObject({
  from: text,
  to: z.array(text).min(1),
  minimumUrgency: z.enum(URGENCIES).describe('Less urgent alerts are not mailed; high otherwise.').optional(),
  smtp: z.strictObject({
    host: text,
    port: z.int().min(1).max(65_535).optional(),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .describe('tls from the first byte (the default), starttls required, or none for loopback hosts.')
      .optional(),
    user: z.string().optional(),
    password: z.string().optional(),
    ca: text.describe('PEM file of a private certificate authority, relative to this file.').optional(),
  }),
});

/** The shape of `sealwatch.yaml`, before variables are filled in; what shapes cannot say is checked afterwards. */
export const configSchema = z
  .strictObject({
    stateDir: text.describe('Where the store is kept, relative to this file; .sealwatch otherwise.').optional(),
    defaults: z
      .strictObject({
        schedule: schedule.optional(),
        timeZone: timeZone.optional(),
        firstUse: firstUse.optional(),
        maxUnchecked: maxUnchecked.optional(),
        limits: limits.optional(),
      })
      .optional(),
    policy: z
      .strictObject({
        autoApprove: z.array(z.enum(AUTO_APPROVABLE)).optional(),
        blockLevel: z.enum(SEVERITIES).describe('firstUse: trust never covers a finding at or above it.').optional(),
      })
      .optional(),
    servers: z.record(z.string(), server).nullable().optional(),
    notify: z
      .strictObject({
        email: email.optional(),
        stdout: z
          .strictObject({ minimumUrgency: z.enum(URGENCIES).optional() })
          .nullable()
          .optional(),
      })
      .optional(),
    serve: z
      .strictObject({
        host: text.optional(),
        port: z.int().min(0).max(65_535).optional(),
        publicUrl: text.describe('What links in alerts start with.').optional(),
      })
      .optional(),
    concurrency: z.int().min(1).max(64).describe('Servers observed at the same time; 4 otherwise.').optional(),
  })
  .describe('Sealwatch: which MCP servers are watched, and how.');

/** A configuration file's values as written. */
export type ConfigFile = z.infer<typeof configSchema>;

/** One entry under `servers`. */
export type ServerEntry = z.infer<typeof server>;

/** One entry under `volatile`. */
export type MaskEntry = z.infer<typeof mask>;

/** The `email` entry under `notify`. */
export type EmailEntry = z.infer<typeof email>;

/** Returns the JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
