import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

import type { Principal } from '../../model/principal.js';
import { Layout } from './layout.js';
import { Prose } from './prose.js';

/** A page that says one thing, in our own words only. */
export interface Message {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly code?: string;
  /** For somebody who is known: the navigation, so that the page is no dead end. */
  readonly frame?: { readonly basePath: string; readonly principal: Principal | undefined };
}

/** Answers with a page that says one thing. */
export function messagePage(
  context: Context,
  status: ContentfulStatusCode,
  message: Message,
): Response | Promise<Response> {
  // A program gets what it can read, also from what stands before the API: the checks of host, origin and size.
  if (context.req.path.startsWith('/api/')) return context.json({ error: errorOf(message, status) }, status);
  return context.html(MessagePage(message), status);
}

function errorOf(
  { title, paragraphs, code }: Message,
  status: number,
): { readonly code: string; readonly message: string } {
  const known = code ?? (status === 413 ? 'REQUEST_TOO_LARGE' : 'REQUEST_REFUSED');
  return { code: known, message: [`${title}.`, ...paragraphs].join(' ') };
}

/** Returns a page that says one thing. */
export function MessagePage(props: Message) {
  return (
    <Layout title={props.title} site={props.frame} principal={props.frame?.principal}>
      <h1>{props.title}</h1>
      {props.paragraphs.map((text) => (
        <p>
          <Prose text={text} />
        </p>
      ))}
      {props.code === undefined ? null : (
        <p class="meta">
          Code: <code>{props.code}</code>
        </p>
      )}
    </Layout>
  );
}
