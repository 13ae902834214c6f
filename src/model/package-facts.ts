import type { JsonValue } from './json.js';

/** What one piece of evidence says. `absent`: the source says that there is none; `unknown`: nobody could tell, with the reason. */
export type Evidence<T> =
  | { readonly kind: 'present'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'contradicts'; readonly why: string }
  | {
      readonly kind: 'unknown';
      readonly why: string;
      /** Whoever would know could not be asked: another time the answer may be another, without anything having changed. */
      readonly isPassing?: true;
    };

/** Every piece of evidence there can be about a package. Not every ecosystem has each: what it lacks is `unknown`, and says why. */
export const EVIDENCE_NAMES = [
  'source',
  'files',
  'signature',
  'provenance',
  'publisher',
  'publishedAt',
  'maintainers',
  'repository',
  'installScripts',
  'dependencies',
  'dependencyTree',
  'deprecated',
  'unpublished',
  'yanked',
  'advisories',
  'typosquat',
  'licence',
  'executable',
  'lockfile',
] as const;

export type EvidenceName = (typeof EVIDENCE_NAMES)[number];

type Ecosystem = 'npm' | 'pypi' | 'oci' | 'file' | 'unknown';

/** What a server is made of, as far as it could be told. Texts are those of registries: hostile until they are quoted. */
export interface PackageFacts {
  /** purl (`pkg:npm/@scope/name@1.2.3`, `pkg:pypi/name@1`, `pkg:oci/name@sha256:…`), or `undefined` for local files. */
  readonly purl: string | undefined;
  readonly ecosystem: Ecosystem;
  /** The range or tag as the command asks for it; `undefined` where it asks for none. */
  readonly requested: string | undefined;
  /** The exact version or digest that would run. */
  readonly resolved: Evidence<string>;
  /** SRI (`sha512-…`) or `sha256:<hex>`; `present` only where the bytes were read and are those. */
  readonly integrity: Evidence<string>;
  readonly evidence: Readonly<Record<EvidenceName, Evidence<JsonValue>>>;
}

/** Returns evidence that was found. */
export function present<T>(value: T): Evidence<T> {
  return { kind: 'present', value };
}

/** The source was asked, and says that there is none. */
export const ABSENT = { kind: 'absent' } as const satisfies Evidence<never>;

/** Returns evidence against what is claimed. */
export function contradicts(why: string): Evidence<never> {
  return { kind: 'contradicts', why };
}

/** Returns that nobody could tell. */
export function unknown(why: string): Evidence<never> {
  return { kind: 'unknown', why };
}

/** Returns that whoever would know could not be asked. */
export function unreached(why: string): Evidence<never> {
  return { kind: 'unknown', why, isPassing: true };
}

/** Returns the facts of what nothing could be told about, for one reason. */
export function factsWithout(
  asked: Pick<PackageFacts, 'purl' | 'ecosystem' | 'requested'>,
  why: Evidence<never>,
): PackageFacts {
  const { purl, ecosystem, requested } = asked;
  return { purl, ecosystem, requested, resolved: why, integrity: why, evidence: everything(why) };
}

/** Returns every piece of evidence as `unknown`, for one reason. */
export function nothingKnown(why: string): PackageFacts['evidence'] {
  return everything(unknown(why));
}

/** Returns the same for every piece of evidence. */
function everything(evidence: Evidence<never>): PackageFacts['evidence'] {
  return Object.fromEntries(EVIDENCE_NAMES.map((name) => [name, evidence])) as Record<EvidenceName, Evidence<never>>;
}
