import type { Vantage } from '../model/vantage.js';
import type { Path, Problems } from './problems.js';
import type { ServerEntry } from './schema.js';

/** More connections than these with every check are no check any more. */
const MAX_VANTAGES = 8;

/** Returns as whom a server is asked too. */
export function toVantages({ vantages = [], url }: ServerEntry, path: Path, problems: Problems): readonly Vantage[] {
  const refuse = (message: string, ...place: readonly (string | number)[]): void => {
    problems.add({ code: 'CONFIG_INVALID', path: [...path, ...place], message });
  };
  if (vantages.length > MAX_VANTAGES) refuse(`must be ${MAX_VANTAGES} at most`);
  const names = new Set<string>();
  return vantages.map(({ name, client, version = '1.0.0', credentials = true }, index) => {
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) refuse('must be of the form [a-z0-9][a-z0-9-]{0,62}', index, 'name');
    if (names.has(name)) refuse('stands here twice', index, 'name');
    if (client === undefined && credentials) refuse('is who we are already: give client, or credentials: false', index);
    if (!credentials && url === undefined) refuse('is for servers with a url', index, 'credentials');
    names.add(name);
    return { name, client: client === undefined ? undefined : { name: client, version }, hasCredentials: credentials };
  });
}
