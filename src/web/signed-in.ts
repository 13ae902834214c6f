import type { Context } from 'hono';

import { SealwatchError } from '../errors.js';
import type { Principal } from '../model/principal.js';
import type { WebEnv } from './authenticate.js';

/**
 * Returns who is signed in. Pages behind `requireSignIn` always have somebody; one that was mounted elsewhere by mistake shows
 * nothing.
 *
 * @throws {SealwatchError} `FORBIDDEN`
 */
export function signedIn(context: Context<WebEnv>): Principal {
  const principal = context.get('principal');
  if (principal === undefined) throw new SealwatchError('FORBIDDEN', 'nobody is signed in');
  return principal;
}
