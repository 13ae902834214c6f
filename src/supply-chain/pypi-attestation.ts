import type { TrustMaterial } from '@sigstore/verify';
import { z } from 'zod';

import type { JsonObject, JsonValue } from '../model/json.js';
import { contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import { quote } from '../quote.js';
import { builtFrom, type Signed, verifyBundle } from './verify-bundle.js';

/** PEP 740, "provenance": attestations, in bundles by who published. */
const provenanceSchema = z.object({
  version: z.literal(1),
  attestation_bundles: z
    .array(
      z.object({
        publisher: z.looseObject({ kind: z.string() }),
        attestations: z.array(
          z.object({
            version: z.literal(1),
            verification_material: z.object({
              certificate: z.string(),
              transparency_entries: z.array(z.record(z.string(), z.json())),
            }),
            envelope: z.object({ statement: z.string(), signature: z.string() }),
          }),
        ),
      }),
    )
    .min(1),
});

type PublisherBundle = z.infer<typeof provenanceSchema>['attestation_bundles'][number];
type Attestation = PublisherBundle['attestations'][number];

const statementSchema = z.object({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.object({ name: z.string(), digest: z.looseObject({ sha256: z.string() }) })).length(1),
});

/** The file that attestations have to be about. */
interface Attested {
  readonly filename: string;
  readonly sha256: string;
}

/** What attestations prove. */
interface Proven {
  /** As of npm's: repository and workflow by the certificate. */
  readonly builtFrom: JsonValue;
  readonly publisher: JsonObject;
}

/**
 * Verifies what an index has as the provenance of a file: each attestation signed by the publisher that is named beside it, about this
 * file's name and bytes. One that does not hold contradicts, whatever the others say.
 */
export function verifyProvenance(body: Buffer, file: Attested, trust: TrustMaterial): Evidence<Proven> {
  const { success, data } = provenanceSchema.safeParse(parse(body));
  if (!success) return unknown('the index answers with no provenance of PEP 740');
  const found = data.attestation_bundles.flatMap((bundle) =>
    bundle.attestations.map((attestation) => verifyOne(attestation, bundle.publisher, file, trust)),
  );
  const worst = found.find(({ kind }) => kind === 'contradicts') ?? found.find(({ kind }) => kind === 'unknown');
  return worst ?? found[0] ?? unknown('the provenance holds no attestation');
}

function verifyOne(
  attestation: Attestation,
  publisher: PublisherBundle['publisher'],
  file: Attested,
  trust: TrustMaterial,
): Evidence<Proven> {
  const signed = verifyBundle(toBundle(attestation), trust);
  if (signed.kind !== 'present') return signed;
  const { success, data } = statementSchema.safeParse(signed.value.statement);
  const subject = data?.subject[0];
  if (!success || subject === undefined) return contradicts('an attestation says nothing about one file');
  if (subject.name !== file.filename || subject.digest.sha256 !== file.sha256)
    return contradicts(`an attestation is about another file: ${quote(subject.name, 120)}`);
  return byPublisher(signed.value, publisher);
}

function byPublisher(signed: Signed, publisher: PublisherBundle['publisher']): Evidence<Proven> {
  const expected = signerOf(publisher);
  if (expected === undefined) return unknown(`publishers of the kind ${quote(publisher.kind, 60)} cannot be verified`);
  const { issuer, repository, workflow, prefix } = expected;
  if (signed.issuer !== issuer || !signed.identity.startsWith(prefix))
    return contradicts(
      `an attestation is signed by ${quote(signed.identity, 160)}, not by the publisher that is named`,
    );
  return present({ builtFrom: builtFrom(signed), publisher: { kind: publisher.kind, repository, workflow } });
}

interface Signer {
  readonly issuer: string;
  readonly repository: string;
  readonly workflow: string;
  /** The identity up to the branch or tag. */
  readonly prefix: string;
}

/** Whom the certificate of a trusted publisher names. */
function signerOf({ kind, ...claims }: PublisherBundle['publisher']): Signer | undefined {
  const { repository } = claims;
  const workflow = kind === 'GitLab' ? claims['workflow_filepath'] : claims['workflow'];
  if (typeof repository !== 'string' || typeof workflow !== 'string') return undefined;
  switch (kind) {
    case 'GitHub':
      return {
        issuer: 'https://token.actions.githubusercontent.com',
        repository: `https://github.com/${repository}`,
        workflow,
        prefix: `https://github.com/${repository}/.github/workflows/${workflow}@`,
      };
    case 'GitLab':
      return {
        issuer: 'https://gitlab.com',
        repository: `https://gitlab.com/${repository}`,
        workflow,
        prefix: `https://gitlab.com/${repository}//${workflow}@`,
      };
    default:
      return undefined;
  }
}

/** The same in the form of sigstore's own bundles. */
function toBundle({ verification_material: material, envelope }: Attestation): JsonValue {
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: material.certificate },
      tlogEntries: material.transparency_entries,
    },
    dsseEnvelope: {
      payload: envelope.statement,
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig: envelope.signature }],
    },
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // No JSON is none of the shapes that are asked for.
    return undefined;
  }
}
