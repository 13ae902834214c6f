import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

import { Layout } from './layout.js';
import { Prose } from './prose.js';

/** A page that says one thing, in our own words only. */
export interface Message {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly code?: string;
}

/** Answers with a page that says one thing. */
export function messagePage(
  context: Context,
  status: ContentfulStatusCode,
  message: Message,
): Response | Promise<Response> {
  return context.html(MessagePage(message), status);
}

/** Returns a page that says one thing. */
export function MessagePage(props: Message) {
  return (
    <Layout title={props.title}>
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
