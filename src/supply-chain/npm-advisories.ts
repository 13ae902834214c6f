import { isJsonArray, isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, type Evidence, present, unknown } from '../model/package-facts.js';
import type { NpmRegistry } from './npm-registry.js';
import { whyNot } from './npm-registry.js';

/** More of them say nothing that the first do not. */
const MAX_ADVISORIES = 50;

/** Of npm's words; another one counts as the worst. */
const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'];

/**
 * Returns what is known against a version, by npm's bulk endpoint, the worst first. Only the version itself is asked about, and not what it depends on. A registry
 * without the endpoint says nothing: that is `unknown`, and only an answer without an entry is `absent`.
 */
export async function advisoriesOf(registry: NpmRegistry, name: string, version: string): Promise<Evidence<JsonValue>> {
  try {
    const body = { [name]: [version] };
    const answer = await registry.json('/-/npm/v1/security/advisories/bulk', { method: 'POST', body });
    if (!isJsonObject(answer)) return unknown('the registry gave no list of advisories');
    const list = memberOf(answer, name) ?? [];
    if (!isJsonArray(list)) return unknown('the registry gave no list of advisories');
    const found = list.map(toAdvisory).sort((a, b) => rank(b.severity) - rank(a.severity));
    return found.length === 0 ? ABSENT : present(found.slice(0, MAX_ADVISORIES));
  } catch (error) {
    const why = whyNot(error);
    return why.kind === 'unknown' && why.isPassing === true ? why : unknown('this registry gives no advisories');
  }
}

function toAdvisory(advisory: JsonValue): { readonly severity: string; readonly url: string } {
  const severity = stringMember(advisory, 'severity') ?? '';
  return {
    severity: SEVERITIES.includes(severity) ? severity : 'critical',
    url: stringMember(advisory, 'url') ?? '',
  };
}

function rank(severity: string): number {
  return SEVERITIES.indexOf(severity);
}
