import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';

/** An instance of sigstore of the test's own: certificate authority, its log, the log of signatures. */
export interface Sigstore {
  /** `trusted_root.json`. */
  readonly trustedRoot: unknown;
  /** Returns an attestation of PEP 740 about one file. */
  attest(about: Attested): Promise<object>;
  /** Returns a bundle of sigstore that holds an in-toto statement. */
  signStatement(statement: object, signer: Signer): Promise<object>;
}

interface Signer {
  /** Who signs, such as `https://github.com/owner/name/.github/workflows/release.yml@refs/tags/v1`. */
  readonly identity: string;
  readonly issuer?: string;
}

interface Attested extends Signer {
  readonly filename: string;
  readonly sha256: string;
}

const ACTIONS = 'https://token.actions.githubusercontent.com';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export async function startSigstore(): Promise<Sigstore> {
  const [caKeys, ctKeys, logKeys] = [newKeys(), newKeys(), newKeys()];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  const log = await initializeTLog('https://log.example', logKeys);
  const signed = async (value: object, { identity, issuer = ACTIONS }: Signer) => {
    const keys = newKeys();
    const certificate = await ca.issueCertificate({
      publicKey: spki(keys),
      subjectAltName: identity,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
        { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true },
      ],
    });
    const statement = Buffer.from(JSON.stringify(value));
    const signature = sign('sha256', preAuthentication(statement), keys.privateKey).toString('base64');
    const entry = Object.values(
      (await log.log(logged(statement, signature, certificate))) as unknown as Record<string, LogEntry>,
    )[0]!;
    return {
      certificate: base64(certificate),
      entry: toProto(entry),
      payload: statement.toString('base64'),
      signature,
    };
  };
  return {
    trustedRoot: {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logOf('https://log.example', spki(logKeys))],
      ctlogs: [logOf('https://ct.example', spki(ctKeys))],
      certificateAuthorities: [
        {
          subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
          uri: 'https://ca.example',
          certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
      ],
      timestampAuthorities: [],
    },
    attest: async ({ filename, sha256, ...signer }) => {
      const { certificate, entry, payload, signature } = await signed(
        {
          _type: 'https://in-toto.io/Statement/v1',
          subject: [{ name: filename, digest: { sha256 } }],
          predicateType: 'https://docs.pypi.org/attestations/publish/v1',
          predicate: null,
        },
        signer,
      );
      return {
        version: 1,
        verification_material: { certificate, transparency_entries: [entry] },
        envelope: { statement: payload, signature },
      };
    },
    signStatement: async (statement, signer) => {
      const { certificate, entry, payload, signature } = await signed(statement, signer);
      return {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { certificate: { rawBytes: certificate }, tlogEntries: [entry] },
        dsseEnvelope: { payload, payloadType: PAYLOAD_TYPE, signatures: [{ sig: signature, keyid: '' }] },
      };
    },
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function spki({ publicKey }: ReturnType<typeof newKeys>): Buffer<ArrayBuffer> {
  return Buffer.from(publicKey.export({ format: 'der', type: 'spki' }));
}

function base64(bytes: ArrayBufferView): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function sha256Of(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function logOf(baseUrl: string, key: Buffer): object {
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: key.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: '2020-01-01T00:00:00Z' },
    },
    logId: { keyId: sha256Of(key).toString('base64') },
  };
}

/** What a DSSE signature is over. */
function preAuthentication(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

function logged(statement: Buffer, signature: string, certificate: ArrayBufferView): object {
  const verifier = Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`,
  ).toString('base64');
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      payloadHash: { algorithm: 'sha256', value: sha256Of(statement).toString('hex') },
      envelopeHash: { algorithm: 'sha256', value: sha256Of(Buffer.from(signature)).toString('hex') },
      signatures: [{ signature, verifier }],
    },
  };
}

interface LogEntry {
  readonly body?: unknown;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification?: {
    readonly signedEntryTimestamp?: string;
    readonly inclusionProof?: {
      readonly treeSize: number;
      readonly rootHash: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly checkpoint: string;
    };
  };
}

function toProto({ body, integratedTime, logID, logIndex, verification }: LogEntry): object {
  const proof = verification!.inclusionProof!;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: verification!.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      treeSize: String(proof.treeSize),
      rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
      hashes: [],
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: body,
  };
}
