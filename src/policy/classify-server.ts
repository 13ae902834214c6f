import type { Edit } from '../model/drift.js';
import type { JsonValue } from '../model/json.js';
import { classifyIcon, classifyMeta } from './classify-decoration.js';
import { type Meaning, placeOf, unknownMember, wording } from './meaning.js';

/** Where the 2026-07-28 revision has the server's info. */
const SERVER_INFO_META = 'io.modelcontextprotocol/serverInfo';

/** Returns what an edit in a server's facts about itself means. */
export function classifyServer(first: string, rest: readonly string[], edit: Edit): readonly Meaning[] {
  switch (first) {
    case '_meta':
      if (rest[0] === SERVER_INFO_META) return classifyInfo(rest[1], edit);
      return classifyMeta(edit);
    case 'protocolVersion':
      return [classifyRevision(edit)];
    case 'capabilities':
      return [classifyCapability(edit)];
    case 'serverInfo':
      return classifyInfo(rest[0], edit);
    default:
      return [unknownMember(edit)];
  }
}

function classifyInfo(member: string | undefined, edit: Edit): readonly Meaning[] {
  switch (member) {
    case undefined:
    case 'name':
      return [{ class: 'identity', because: 'the server gives itself another name' }];
    case 'version':
      return [
        isVersion(edit.after) ? { class: 'cosmetic', because: 'the version of the server changed' } : wording(edit),
      ];
    case 'icons':
      return classifyIcon(edit);
    default:
      return [unknownMember(edit)];
  }
}

/** A version string has no room for a sentence. */
function isVersion(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && /^[\w.+-]{1,64}$/.test(value);
}

const REVISION = /^\d{4}-\d{2}-\d{2}$/;

function classifyRevision({ before, after }: Edit): Meaning {
  if (typeof after !== 'string' || typeof before !== 'string' || !REVISION.test(after) || !REVISION.test(before)) {
    return { class: 'identity', because: 'the protocol revision is not one that can be told higher or lower' };
  }
  return after > before
    ? { class: 'cosmetic', because: 'the protocol revision went up' }
    : { class: 'identity', because: 'the protocol revision went down, which takes away protections of the newer one' };
}

function classifyCapability(edit: Edit): Meaning {
  const isLess = edit.after === undefined || edit.after === false;
  return isLess
    ? { class: 'narrowing', because: `${placeOf(edit)} is not announced any more` }
    : { class: 'capability', because: `${placeOf(edit)} is announced now` };
}
