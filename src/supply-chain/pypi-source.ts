import type { TrustMaterial } from '@sigstore/verify';

import {
  ABSENT,
  type Evidence,
  factsWithout,
  nothingKnown,
  type PackageFacts,
  present,
  unknown,
} from '../model/package-facts.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { quote } from '../quote.js';
import { getBytes, noAnswer } from './get-bytes.js';
import type { PackageSource, SourceContext } from './package-source.js';
import { type Ask, inspectFiles } from './pypi-files.js';
import { chooseVersion, type IndexedProject, readProject } from './pypi-project.js';
import { readPythonIndex } from './python-index.js';
import { findInstalledPython } from './python-installed.js';
import { shippedTrust } from './shipped-trust.js';

/** The largest project of the public index has some 40 MB of listing. */
const MAX_LISTING_BYTES = 64 * 1024 * 1024;

const NOT_SAID = 'the simple API of an index does not say';

/**
 * Returns the source of packages from a Python index: PEP 691 (listing), 592 (yanked), 740 (attestations), 792 (status). `trust` is what is
 * trusted for attestations: sigstore's shipped root otherwise; `etc` is where the machine's configuration lies.
 */
export function createPypiSource(
  options: { readonly trust?: TrustMaterial; readonly etc?: string } = {},
): PackageSource {
  const trust = options.trust ?? shippedTrust();
  return {
    async inspect(identity, context) {
      if (identity.kind !== 'package' || identity.type !== 'pypi')
        return factsWithout({ ...NO_PACKAGE, purl: undefined }, unknown('it is no Python package'));
      const index = await readPythonIndex({ ...context, etc: options.etc ?? '/etc' });
      if (index.kind !== 'present') return factsWithout(asAsked(identity), index);
      const facts = await inspectPackage(identity, { index: index.value, trust, signal: context.signal });
      return await asInstalled(facts, identity, context);
    },
  };
}

const NO_PACKAGE = { ecosystem: 'pypi', requested: undefined } as const;

type PypiPackage = Extract<LaunchIdentity, { kind: 'package' }>;

function asAsked({ name, requested }: PypiPackage): Pick<PackageFacts, 'purl' | 'ecosystem' | 'requested'> {
  return { purl: `pkg:pypi/${name}`, ecosystem: 'pypi', requested };
}

/** `latest` has the runner ask the index, whatever is installed. */
async function asInstalled(
  facts: PackageFacts,
  { name, requested }: PypiPackage,
  context: SourceContext,
): Promise<PackageFacts> {
  const folder = requested === 'latest' ? undefined : await findInstalledPython(name, context);
  if (folder === undefined) return facts;
  const why = unknown('a copy that is installed already may be run, and nobody checked its files');
  return { ...factsWithout(facts, why), evidence: { ...facts.evidence, executable: present({ folder }) } };
}

async function inspectPackage(identity: PypiPackage, ask: Ask): Promise<PackageFacts> {
  const asked = asAsked(identity);
  const project = await listProject(identity.name, ask);
  if (project.kind !== 'present') return factsWithout(asked, project);
  const version = chooseVersion(project.value, identity.requested);
  const files = version === undefined ? undefined : project.value.versions.get(version);
  if (version === undefined || files === undefined)
    return factsWithout(asked, unknown('the index has no version that is asked for'));
  const { integrity, ...evidence } = await inspectFiles(files, ask);
  return {
    ...asked,
    purl: `pkg:pypi/${identity.name}@${encodeURIComponent(version)}`,
    resolved: present(version),
    integrity,
    evidence: { ...nothingKnown(NOT_SAID), ...evidence, deprecated: statusOf(project.value) },
  };
}

async function listProject(name: string, { index, signal }: Ask): Promise<Evidence<IndexedProject>> {
  const url = new URL(index);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${name}/`;
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
  const answer = await getBytes(url, { headers, maxBytes: MAX_LISTING_BYTES, signal });
  if (answer.kind !== 'present') return answer;
  const { status, body } = answer.value;
  if (status === 404) return unknown('the index does not have it');
  if (status !== 200) return noAnswer(url, status);
  const project = readProject(body, name);
  return project === undefined
    ? unknown(`what ${quote(url.host, 80)} gives is no listing of PEP 691 about it`)
    : present(project);
}

function statusOf({ status }: IndexedProject): Evidence<string> {
  if (status === undefined) return unknown('the index does not say whether the project is kept up');
  if (status.status === undefined || status.status === 'active') return ABSENT;
  return present(status.reason === undefined ? status.status : `${status.status}: ${status.reason}`);
}
