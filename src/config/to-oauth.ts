import type { OAuthSettings } from '../model/oauth.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import type { ServerEntry } from './schema.js';

/** Returns how we sign in to a server; `undefined` where the entry says nothing of it. */
export function toOAuth({ oauth, headers }: ServerEntry, path: Path, problems: Problems): OAuthSettings | undefined {
  if (oauth === undefined) return undefined;
  const refuse = (message: string, ...keys: readonly string[]): void => {
    problems.add({ code: 'CONFIG_INVALID', path: [...path, 'oauth', ...keys], message });
  };
  if (Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization'))
    refuse('stands beside an Authorization header: leave out one of the two');
  const { clientId, clientSecret, issuer, scope, grant = 'authorization_code' } = oauth === true ? {} : oauth;
  if (clientSecret !== undefined && clientId === undefined) refuse('needs clientId beside it', 'clientSecret');
  if (clientId !== undefined && issuer === undefined)
    refuse('needs issuer beside it: the server could name any authorization server otherwise', 'clientId');
  if (issuer !== undefined && (clientId === undefined || parseUrl(issuer) === undefined))
    refuse('must be the address of the authorization server that knows clientId', 'issuer');
  if (grant === 'client_credentials' && (clientId === undefined || clientSecret === undefined))
    refuse('needs clientId and clientSecret: nobody is there to register or to sign in', 'grant');
  return { clientId, clientSecret, issuer, scope, grant };
}
