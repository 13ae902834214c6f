import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';

import type { OAuthSettings } from '../model/oauth.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import { readKey } from './read-pem.js';
import type { ServerEntry } from './schema.js';

/** Returns how we sign in to a server; `undefined` where the entry says nothing of it. `folder` is where relative paths start. */
export function toOAuth(
  { oauth, headers }: ServerEntry,
  path: Path,
  folder: string,
  problems: Problems,
): OAuthSettings | undefined {
  if (oauth === undefined) return undefined;
  const refuse = (message: string, ...keys: readonly string[]): void => {
    problems.add({ code: 'CONFIG_INVALID', path: [...path, 'oauth', ...keys], message });
  };
  if (Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'authorization'))
    refuse('stands beside an Authorization header: leave out one of the two');
  const { privateKey: file, ...settings } = oauth === true ? {} : oauth;
  const { clientId, clientSecret, issuer, clientMetadata, scope, grant = 'authorization_code' } = settings;
  if (clientId === undefined && (clientSecret !== undefined || file !== undefined))
    refuse('needs clientId beside it', clientSecret === undefined ? 'privateKey' : 'clientSecret');
  if (clientSecret !== undefined && file !== undefined)
    refuse('stands beside clientSecret: leave out one of the two', 'privateKey');
  if (clientId !== undefined && issuer === undefined)
    refuse('needs issuer beside it: the server could name any authorization server otherwise', 'clientId');
  if (issuer !== undefined && (clientId === undefined || parseUrl(issuer) === undefined))
    refuse('must be the address of the authorization server that knows clientId', 'issuer');
  if (clientMetadata !== undefined && !isDocument(clientMetadata))
    refuse('must be an https address with a path', 'clientMetadata');
  if (clientMetadata !== undefined && clientId !== undefined)
    refuse('stands beside clientId: the address is the id where the server takes it', 'clientMetadata');
  const shows = clientSecret !== undefined || file !== undefined;
  if (grant === 'client_credentials' && (clientId === undefined || !shows))
    refuse('needs clientId, and clientSecret or privateKey: nobody is there to register or to sign in', 'grant');
  const key =
    file === undefined ? undefined : readKey(resolve(folder, file), [...path, 'oauth', 'privateKey'], problems);
  const privateKey = key === undefined ? undefined : toSigning(key);
  if (key !== undefined && privateKey === undefined)
    refuse('must be an RSA key, or an elliptic one on P-256, P-384 or P-521', 'privateKey');
  return { clientId, clientSecret, privateKey, clientMetadataUrl: clientMetadata, issuer, scope, grant };
}

/** SEP-991: the address of a document is a client id. */
function isDocument(text: string): boolean {
  const url = parseUrl(text);
  return url?.protocol === 'https:' && url.pathname !== '/';
}

/** RFC 7518, section 3.1. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

function toSigning(key: KeyObject): OAuthSettings['privateKey'] {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS256' : CURVES[curve];
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return algorithm === undefined ? undefined : { pem, algorithm };
}
