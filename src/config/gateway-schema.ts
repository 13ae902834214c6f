import { z } from 'zod';

const text = z.string().min(1);
const patterns = z.array(text).min(1);
const simple = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What one argument has to be. */
const value = z.union([
  z.strictObject({
    pattern: text.describe('A re2js pattern that the whole text matches.').optional(),
    within: text.describe('A folder: the argument is a path below it, without a way up.').optional(),
  }),
  z.array(simple).min(1),
  simple,
]);

const toolRule = {
  servers: patterns.describe('Ids of servers, * in them for any text; all otherwise.').optional(),
  tools: patterns.describe('Names of tools and prompts, * in them for any text; all otherwise.').optional(),
  arguments: z
    .record(text, value)
    .describe(
      'By name or JSON Pointer, what an argument has to be: a value, a list of them, { pattern } or { within }. /paths/* is every item of a list.',
    )
    .optional(),
};

/** Which tools a person is asked about. */
export const tiersSchema = z
  .strictObject({
    read: patterns.describe('Names of tools that are called freely, * in them for any text.').optional(),
    write: patterns.describe('Tools of which a person allows the calls once in a session.').optional(),
    dangerous: patterns
      .describe('Tools of which a person allows each call; these lists go before the others.')
      .optional(),
    annotations: z
      .enum(['approved', 'ignored'])
      .describe(
        'Whether the approved annotations say it of tools that are in no list; what they do not say is dangerous.',
      )
      .optional(),
  })
  .describe('Which tools a person is asked about before they are called. Nobody is asked without it.');

/** How clients are let in. */
export const authSchema = z
  .strictObject({
    issuer: text.describe('The authorization server whose access tokens are taken, exactly as it calls itself.'),
    algorithms: z
      .array(z.enum(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']))
      .min(1)
      .optional(),
    introspection: z
      .strictObject({
        clientId: text.describe('Of the client that may ask about tokens.'),
        clientSecret: text,
        url: text.describe('Where it is asked, if the metadata of the issuer does not say so.').optional(),
        cacheSeconds: z.int().min(0).max(3_600).describe('How long an answer is believed: 60.').optional(),
      })
      .describe('Tokens are no JWTs: the authorization server is asked about them (RFC 7662).')
      .optional(),
    allow: z
      .array(z.strictObject({ scope: text, ...toolRule }))
      .min(1)
      .describe('What a token with a scope may be used for; everything else is refused.')
      .optional(),
    claim: text
      .describe(
        'The claim of the token that roles are read from: groups; a name, or a path such as realm_access.roles.',
      )
      .optional(),
    permissions: z
      .record(text, z.array(z.strictObject(toolRule)).min(1))
      .describe('By name, what tools may be used, for roles.')
      .optional(),
    roles: z
      .array(
        z.strictObject({
          value: text.describe('What the claim has to contain.'),
          may: patterns.describe('Names of permissions.'),
        }),
      )
      .min(1)
      .describe('What people may use; everything else is refused. Every entry whose value somebody has counts.')
      .optional(),
  })
  .describe('Clients need an access token; without this section they have to be on this machine.');

/** The `gateway.auth` section. */
export type AuthEntry = z.infer<typeof authSchema>;
