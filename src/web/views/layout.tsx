import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';

import { hasRoleEverywhere, type Principal, type Role } from '../../model/principal.js';
import { makeVisible } from '../../quote.js';
import type { Site } from '../site.js';
import { STYLESHEET } from '../stylesheet.js';

/** Which part of the navigation a page belongs to. */
type Place = 'inbox' | 'requests' | 'servers' | 'overview' | 'audit' | 'calls' | 'deliveries';

interface Props {
  readonly title: string;
  /** Together with `principal`: a page for somebody who is known has the navigation. */
  readonly site?: Pick<Site, 'basePath'> | undefined;
  readonly principal?: Principal | undefined;
  readonly current?: Place;
  readonly children?: Child;
}

/** Returns a whole page. The style is ours and constant; it is the only text that is not escaped. */
export function Layout({ title, site, principal, current, children }: Props) {
  const known = site === undefined || principal === undefined ? undefined : { basePath: site.basePath, principal };
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex, nofollow" />
          <title>{title} · Sealwatch</title>
          <style>{raw(STYLESHEET)}</style>
        </head>
        <body>
          <a class="skip" href="#main">
            Skip to the content
          </a>
          <header class="bar">
            <div class="bar-inner">{known === undefined ? <Brand /> : <KnownBar {...known} current={current} />}</div>
          </header>
          <main id="main" tabindex={-1} {...(known === undefined ? {} : { class: 'wide' })}>
            {children}
          </main>
        </body>
      </html>
    </>
  );
}

/** Without a link: who is not known has nowhere to go from here. */
function Brand() {
  return <span class="brand">Sealwatch</span>;
}

interface Known {
  readonly basePath: string;
  readonly principal: Principal;
  readonly current: Place | undefined;
}

function KnownBar({ basePath, principal, current }: Known) {
  return (
    <>
      <a class="brand" href={`${basePath}/`}>
        Sealwatch
      </a>
      <nav aria-label="Main">
        <ul>
          {placesFor(principal).map(({ place, path, name }) => (
            <li>
              <a href={`${basePath}${path}`} {...(place === current ? { 'aria-current': 'page' } : {})}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="who">
        <p>
          <span class="visually-hidden">Signed in as </span>
          {makeVisible(principal.name)}
        </p>
        <form method="post" action={`${basePath}/sign-out`}>
          <button type="submit" class="plain small">
            Sign out
          </button>
        </form>
      </div>
    </>
  );
}

const PLACES: readonly { readonly place: Place; readonly path: string; readonly name: string }[] = [
  { place: 'inbox', path: '/', name: 'Inbox' },
  { place: 'requests', path: '/requests', name: 'Requests' },
  { place: 'servers', path: '/servers', name: 'Servers' },
  { place: 'overview', path: '/overview', name: 'Overview' },
  { place: 'audit', path: '/audit', name: 'Audit' },
  { place: 'calls', path: '/calls', name: 'Calls' },
  { place: 'deliveries', path: '/deliveries', name: 'Alerts' },
];

/** The logs and the deliveries concern every server. */
function placesFor(principal: Principal): typeof PLACES {
  return PLACES.filter(({ place }) => {
    const needed = NEEDED[place];
    return needed === undefined || hasRoleEverywhere(principal, needed);
  });
}

const NEEDED: Partial<Readonly<Record<Place, Role>>> = { audit: 'viewer', deliveries: 'viewer', calls: 'approver' };
