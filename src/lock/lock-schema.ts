import { z } from 'zod';

/** The only version there is. Another meaning of a member that exists makes another number. */
export const LOCKFILE_VERSION = 1;

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const lockedDefinition = z.strictObject({
  fingerprint: z
    .string()
    .regex(/^v1:sha256:[0-9a-f]{64}(?:\+(?:numbers|text):[0-9a-f]{64})*$/)
    .describe('What is compared. It is of the masked text where a mask of the configuration applied.'),
  hash: hex.describe('Tool definition hash, version 1: SHA-256 of the RFC 8785 form (of instructions: of the text).'),
  masked: z.array(z.string()).optional().describe('Places that a mask of the configuration leaves out.'),
  definition: z.unknown().describe('The object as the server sent it, its members in order.'),
});

const setHashes = z.strictObject({
  tools: hex.nullable(),
  prompts: hex.nullable(),
  resources: hex.nullable(),
  resourceTemplates: hex.nullable(),
  instructions: hex.nullable(),
});

const lockedServer = z.strictObject({
  package: z.string().nullable().describe('Package URL, as far as the start command tells.'),
  protocolVersion: z.string(),
  pins: z.array(z.string()).describe('Certificate pins of the configuration (RFC 7469).'),
  setHashes: setHashes.describe('Tool definition hash, version 1, of whole listings; null where there is none.'),
  definitions: z.record(z.string(), lockedDefinition).describe('By reference: server/kind/percent-encoded-name.'),
});

/** The shape of `sealwatch.lock.json`. */
export const lockSchema = z.strictObject({
  lockfileVersion: z.literal(LOCKFILE_VERSION),
  servers: z.record(z.string(), lockedServer),
});

/** A lock as it stands in a file. */
export type LockFile = z.infer<typeof lockSchema>;

/** Returns the JSON Schema of the format, as it is published in `data/lock/`. */
export function lockJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'sealwatch.lock.json, version 1', ...z.toJSONSchema(lockSchema) };
}
