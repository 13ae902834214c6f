import { type Context, Hono } from 'hono';

import { codeOf, messageOf } from '../../errors.js';
import type { Principal } from '../../model/principal.js';
import { endSession, startSession } from '../../monitor/session.js';
import type { Identity, IdentityProvider } from '../../ports.js';
import { makeVisible, quote } from '../../quote.js';
import type { WebEnv } from '../authenticate.js';
import { clientAddress } from '../client-address.js';
import { pathOnSite } from '../path-on-site.js';
import { clearSession, readSession, takePending, writePending, writeSession } from '../session-cookie.js';
import type { Site } from '../site.js';
import { messagePage } from '../views/message-page.js';
import { SignInPage } from '../views/sign-in-page.js';

/** Returns the routes by which somebody signs in at the provider, and out. */
export function signInRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/sign-in', (context) => show(context, site));
  // Not a form: the policy of our pages lets forms post to our own site only, and browsers hold redirects to that too.
  app.get('/sign-in/start', (context) => guardAttempts(context, site, () => begin(context, site)));
  app.get('/sign-in/callback', (context) => guardAttempts(context, site, () => finish(context, site)));
  app.post('/sign-out', (context) => signOut(context, site));
  return app;
}

/** Keeps one client from signing in over and over: what a person needs is a few attempts. */
export async function guardAttempts(
  context: Context<WebEnv>,
  site: Site,
  answer: () => Promise<Response>,
): Promise<Response> {
  // A HEAD is answered like a GET (Hono), and comes from a scanner: it begins and ends nothing.
  if (context.req.method === 'HEAD') return context.body(null, 204);
  const client = clientAddress(context, site);
  if (site.signInAttempts.isExceeded(client)) {
    context.header('Retry-After', '600');
    return messagePage(context, 429, TOO_MANY);
  }
  site.signInAttempts.count(client);
  return answer();
}

/** Gives the browser a session of its own; one that it had before is ended. */
export async function signInAs(context: Context<WebEnv>, site: Site, principal: Principal): Promise<void> {
  const replaces = readSession(context, site);
  const limits = site.sessionLimits;
  const started = await startSession(principal, site.deps, replaces === undefined ? { limits } : { limits, replaces });
  writeSession(context, site, started);
}

function show(context: Context<WebEnv>, site: Site): Response | Promise<Response> {
  const { basePath, identityProvider, consoleLink } = site;
  return context.html(
    SignInPage({
      basePath,
      principal: context.get('principal'),
      provider: identityProvider?.name,
      hasConsoleLink: consoleLink !== undefined,
      to: pathOnSite(context.req.query('to')),
    }),
  );
}

async function begin(context: Context<WebEnv>, site: Site): Promise<Response> {
  const provider = site.identityProvider;
  if (provider === undefined) return context.redirect(`${site.basePath}/sign-in`, 303);
  try {
    const { url, ...checks } = await provider.begin({ redirectUri: callbackOf(site) });
    const key = site.pendingSignIns.add({ ...checks, to: pathOnSite(context.req.query('to')) });
    writePending(context, site, key);
    return context.redirect(url, 303);
  } catch (error) {
    return failed(context, site, error, 503);
  }
}

async function finish(context: Context<WebEnv>, site: Site): Promise<Response> {
  const key = takePending(context, site);
  const pending = key === undefined ? undefined : site.pendingSignIns.take(key);
  const provider = site.identityProvider;
  if (pending === undefined || provider === undefined) return messagePage(context, 400, NOT_BEGUN);
  const { to, ...checks } = pending;
  let identity: Identity;
  try {
    // From our own address, not from `Host`: the code is exchanged for it.
    const callbackUrl = `${callbackOf(site)}${new URL(context.req.url).search}`;
    identity = await provider.finish({ ...checks, callbackUrl });
  } catch (error) {
    return failed(context, site, error, 403);
  }
  if (identity.grants.length === 0) return withoutRole(context, site, identity, provider);
  await signInAs(context, site, principalOf(identity));
  return context.redirect(`${site.basePath}${to}`, 303);
}

async function signOut(context: Context<WebEnv>, site: Site): Promise<Response> {
  const session = readSession(context, site);
  if (session !== undefined) await endSession(session, site.deps);
  clearSession(context, site);
  return messagePage(context, 200, {
    title: 'You are signed out',
    paragraphs: ['This browser is not known here any more. At the provider you may still be signed in.'],
  });
}

function principalOf({ issuer, subject, name, grants }: Identity): Principal {
  return { id: `oidc:${issuer}#${subject}`, name, how: 'oidc', grants };
}

/** The message may quote the provider and is for the log; the page says what it means. */
function failed(context: Context<WebEnv>, site: Site, error: unknown, status: 403 | 503): Response | Promise<Response> {
  if (codeOf(error) !== 'SIGN_IN_FAILED') throw error;
  site.deps.logger.warn(`sign-in failed: ${messageOf(error)}`);
  return messagePage(context, status, status === 503 ? UNREACHABLE : NOT_BELIEVED);
}

async function withoutRole(
  context: Context<WebEnv>,
  site: Site,
  identity: Identity,
  { claim }: IdentityProvider,
): Promise<Response> {
  const actor = `${identity.name} (oidc)`;
  const at = site.deps.clock.now().toISOString();
  await site.deps.store.recordRefusal({ request: undefined, code: 'FORBIDDEN', actor, at });
  site.deps.logger.warn(
    `sign-in refused: nothing in the claim ${quote(claim)} of ${quote(identity.name)} gives a role`,
  );
  return messagePage(context, 403, {
    title: 'You have no role here',
    code: 'FORBIDDEN',
    paragraphs: [
      `The provider knows you as ${makeVisible(identity.name)}, but nothing in your claim ${makeVisible(claim)} gives a role on any server.`,
      'Ask whoever runs Sealwatch: signIn.roles in its configuration says which values give one.',
    ],
  });
}

function callbackOf({ origin, basePath }: Site): string {
  return `${origin}${basePath}/sign-in/callback`;
}

const TOO_MANY = {
  title: 'Too many attempts to sign in',
  paragraphs: ['Wait ten minutes, then try again.'],
};

const NOT_BEGUN = {
  title: 'This sign-in was not begun here',
  code: 'SIGN_IN_FAILED',
  paragraphs: [
    'Nobody was signed in. It was begun in another browser, more than ten minutes ago, or was finished before. Open the pages again and sign in anew.',
  ],
};

const NOT_BELIEVED = {
  title: 'The sign-in failed',
  code: 'SIGN_IN_FAILED',
  paragraphs: [
    'Nobody was signed in. The provider refused, or its answer did not belong to this sign-in. The log of the service says more. Open the pages again and sign in anew.',
  ],
};

const UNREACHABLE = {
  title: 'The provider cannot be reached',
  code: 'SIGN_IN_FAILED',
  paragraphs: [
    'Nobody can sign in until it answers again; the log of the service says more. Sealwatch goes on watching meanwhile, and the links in alerts work.',
  ],
};
