import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { enrolBrowser } from '../../monitor/approver.js';
import { endSession } from '../../monitor/session.js';
import type { WebEnv } from '../authenticate.js';
import { clientAddress } from '../client-address.js';
import { readSession, writeSession } from '../session-cookie.js';
import type { Site } from '../site.js';
import { EnrolledPage, EnrolPage } from '../views/enrol-page.js';
import { messagePage } from '../views/message-page.js';

const ENROLMENT = z.object({
  code: z.string().min(1).max(100),
  // A link's token and nothing else: a free address would be an open redirect.
  token: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .optional(),
});

/** Returns the routes that turn a one-time code into an enrolled browser. */
export function enrolRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/enrol', async (context) => {
    const principal = context.get('principal');
    const approver = principal?.how === 'browser' ? principal.name : undefined;
    return context.html(EnrolPage({ enrolPath: `${site.basePath}/enrol`, approver }));
  });
  app.post('/enrol', (context) => enrol(context, site));
  return app;
}

async function enrol(context: Context, site: Site): Promise<Response> {
  const client = clientAddress(context, site);
  if (site.enrolAttempts.isExceeded(client)) {
    context.header('Retry-After', '600');
    return messagePage(context, 429, TOO_MANY);
  }
  site.enrolAttempts.count(client);
  const form = ENROLMENT.safeParse(await context.req.parseBody());
  const enrolled = form.success ? await enrolBrowser(form.data.code, site.deps) : undefined;
  if (!form.success || enrolled === undefined) return messagePage(context, 403, NOT_VALID);
  const earlier = readSession(context, site);
  if (earlier !== undefined) await endSession(earlier, site.deps);
  writeSession(context, site, enrolled);
  const { token } = form.data;
  if (token !== undefined) return context.redirect(`${site.basePath}/approve/${token}`, 303);
  return context.html(EnrolledPage(enrolled));
}

const TOO_MANY = {
  title: 'Too many attempts',
  paragraphs: ['Wait ten minutes, then try again. A code works for an hour and once.'],
};

const NOT_VALID = {
  title: 'This code is not valid',
  code: 'APPROVAL_REFUSED',
  paragraphs: [
    'It was mistyped, used before, or is older than an hour. Go back to try again, or get a new one: `sealwatch approver remove NAME`, then `sealwatch approver add NAME`.',
  ],
};
