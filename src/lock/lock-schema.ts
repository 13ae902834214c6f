import { z } from 'zod';

import { DEFINITION_KINDS } from '../model/definition.js';

/** The number of the form that is written here. A form that older programs would misread gets another one. */
export const LOCK_VERSION = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const definitionSchema = z.strictObject({
  fingerprint: z
    .string()
    .regex(/^v1:sha256:[0-9a-f]{64}(?:\+(?:numbers|text):[0-9a-f]{64})*$/)
    .describe('SHA-256 of the RFC 8785 form of the definition: tool definition hash, version 1.'),
  definition: z.unknown().describe('As the server sent it, with its members sorted; masked text is replaced.'),
});

const serverSchema = z.strictObject({
  provenance: z.record(z.string(), z.unknown()).describe('Where it comes from, as the configuration writes it.'),
  pins: z.array(z.string().regex(/^sha256\//)).describe('Keys that the configuration asks its certificates for.'),
  setHashes: z
    .strictObject({
      tools: hash.nullable(),
      prompts: hash.nullable(),
      resources: hash.nullable(),
      resourceTemplates: hash.nullable(),
      instructions: hash.nullable(),
    })
    .describe('Set hashes of the tool definition hash, version 1; null where there is none.'),
  definitions: z
    .record(
      z.string().regex(new RegExp(`^(?:${DEFINITION_KINDS.join('|')})/`)),
      definitionSchema.describe('One definition.'),
    )
    .describe('By kind and percent-encoded name: tool/create_issue.'),
});

/** The form of `sealwatch.lock.json`. */
export const lockSchema = z.strictObject({
  lockVersion: z.literal(LOCK_VERSION),
  servers: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), serverSchema),
});

/** Returns the published JSON Schema of the lock. */
export function lockJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'sealwatch.lock.json, version 1', ...z.toJSONSchema(lockSchema) };
}
