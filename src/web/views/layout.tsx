import type { Child } from 'hono/jsx';
import { raw } from 'hono/html';

import { STYLESHEET } from '../stylesheet.js';

/** Returns a whole page. The style is ours and constant; it is the only text that is not escaped. */
export function Layout(props: { readonly title: string; readonly children?: Child }) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex, nofollow" />
          <title>{props.title} · Sealwatch</title>
          <style>{raw(STYLESHEET)}</style>
        </head>
        <body>
          <header class="bar">
            <p>Sealwatch</p>
          </header>
          <main>{props.children}</main>
        </body>
      </html>
    </>
  );
}
