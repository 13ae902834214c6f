import type { Principal } from '../../src/model/principal.js';
import type { Site } from './start-site.js';

/** Returns the headers of a browser in which somebody is signed in. */
export async function signInAs(principal: Principal, site: Site): Promise<{ readonly cookie: string }> {
  return { cookie: await site.as(principal) };
}
