import semver from 'semver';

import type { Edit } from '../model/drift.js';
import { isJsonObject, type JsonValue } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';
import type { Meaning } from './meaning.js';

/**
 * Returns what an edit below `/package` of a provenance means. None is harmless: another version is other code, and code that changes hands
 * looks like nothing else.
 */
export function classifyPackage(member: string | undefined, edit: Edit): Meaning {
  if (member === undefined) return { class: 'identity', because: whole(edit) };
  if (isContradiction(edit.after))
    return { class: 'identity', because: `the ${titleOf(member)} of the package contradicts what its source says` };
  return { class: member === 'installScripts' ? 'capability' : 'identity', because: sentence(member, edit) };
}

/** Returns one sentence on all edits below `/package`, what matters most first; `undefined` where there is none. */
export function packageSentence(edits: readonly Edit[]): string | undefined {
  const own = edits.flatMap((edit) => {
    const [first, member] = pointerTokens(edit.pointer);
    return first === 'package'
      ? [{ at: ORDER.indexOf(member ?? ''), because: classifyPackage(member, edit).because }]
      : [];
  });
  const sentences = own.sort((a, b) => a.at - b.at).map(({ because }) => because);
  return sentences.length === 0 ? undefined : [...new Set(sentences)].join('; ');
}

function whole({ after }: Edit): string {
  return after === undefined ? 'nothing is told of the package any more' : 'nobody has approved the package';
}

function isContradiction(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.hasOwn(value, 'contradicts');
}

function sentence(member: string, { before, after }: Edit): string {
  if (member === 'version') return versionSentence(before, after);
  if (member === 'trial')
    return after === undefined
      ? 'what this version says is known now'
      : 'what this version says could not be looked at';
  const isLost = before !== undefined && before !== 'none' && (after === undefined || after === 'none');
  if (isLost && LOSSES.has(member)) return `the ${titleOf(member)} of the package is lost`;
  return `the ${titleOf(member)} of the package changed`;
}

/** What an attacker who takes over a package is the first to lose. */
const LOSSES = new Set(['provenance', 'signature', 'integrity', 'publisher', 'maintainers', 'executable', 'lockfile']);

function versionSentence(before: JsonValue | undefined, after: JsonValue | undefined): string {
  if (typeof before !== 'string' || typeof after !== 'string') return 'the version of the package changed';
  if (isDigest(before) && isDigest(after)) return 'the bytes of what is started are others than were approved';
  const isOlder = semver.valid(before) !== null && semver.valid(after) !== null && semver.lt(after, before);
  return `the package is version ${quote(after, 40)} and not ${quote(before, 40)}${isOlder ? ', which is older' : ''}`;
}

/** Of what has no version but its bytes. */
function isDigest(version: string): boolean {
  return version.startsWith('sha256:');
}

function titleOf(member: string): string {
  return TITLES[member] ?? quote(member, 40);
}

const TITLES: Readonly<Record<string, string>> = {
  name: 'name',
  version: 'version',
  provenance: 'provenance',
  signature: 'signature',
  source: 'registry',
  files: 'list of files',
  integrity: 'integrity',
  publisher: 'publisher',
  maintainers: 'list of maintainers',
  publishedAt: 'time of publication',
  installScripts: 'install scripts',
  dependencies: 'list of dependencies',
  executable: 'program or interpreter',
  lockfile: 'lock file',
  isPinned: 'pin',
  scriptsInTree: 'list of what runs scripts when it is installed with it',
  advisories: 'severity of what is known against it',
  tree: 'set of packages that are installed with it',
  treeDigest: 'set of packages that are installed with it',
};

/** The integrity says no more than the version, where that changed too. */
const ORDER = [...Object.keys(TITLES).filter((name) => name !== 'integrity'), 'integrity'];
