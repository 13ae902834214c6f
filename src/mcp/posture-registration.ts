import type { AuthorizationServerMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';

import type { PostureLine } from '../model/posture.js';
import { quote } from '../quote.js';
import { type Asker, isPassing, line } from './posture-line.js';

/** What a registration is tried for. */
export const REGISTRATION_LINE = ['registration-works', 'registers a client that asks for it (RFC 7591)'] as const;

/** RFC 7591, section 3.2.1, and RFC 7592, section 3. */
const REGISTERED = z.object({
  client_id: z.string().min(1),
  registration_client_uri: z.url().optional(),
  registration_access_token: z.string().optional(),
});

interface Registered {
  readonly line: PostureLine;
  readonly clientId: string | undefined;
  /** Ends the registration, and says so. */
  readonly end: () => Promise<readonly PostureLine[]>;
}

/** Registers a client as the probe asks for. */
export async function register(metadata: AuthorizationServerMetadata | undefined, asker: Asker): Promise<Registered> {
  const [id, title] = REGISTRATION_LINE;
  const failed = (isMet: boolean | undefined, evidence: string): Registered => ({
    line: line(id, title, isMet, evidence),
    clientId: undefined,
    end: () => Promise.resolve([]),
  });
  const endpoint = metadata?.registration_endpoint;
  if (endpoint === undefined) return failed(undefined, 'no address for it is announced');
  const found = await asker.attempt(async () => await postJson(new URL(endpoint), CLIENT, asker));
  if (!('value' in found)) return failed(undefined, quote(found.why, 200));
  const { status, text } = found.value;
  if (isPassing(status)) return failed(undefined, `HTTP ${status}`);
  const client = REGISTERED.safeParse(jsonOf(text)).data;
  if (status >= 300 || client === undefined) return failed(false, `HTTP ${status}`);
  return {
    line: line(id, title, true, `HTTP ${status}`),
    clientId: client.client_id,
    end: async () => [
      line(
        'registration-ends',
        'lets the owner of a registration end it (RFC 7592)',
        ...(await endRegistration(client, new URL(endpoint), asker)),
      ),
    ],
  };
}

const CLIENT = {
  client_name: 'Sealwatch posture probe',
  redirect_uris: ['http://127.0.0.1/callback'],
  application_type: 'native',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

async function postJson(url: URL, value: object, asker: Asker): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await asker.fetch(url, { method: 'POST', headers, body: JSON.stringify(value) });
  return { status: response.status, text: await response.text() };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only where the server that registered it says so itself: what it answers with could name any address. */
async function endRegistration(
  { client_id: id, registration_client_uri: uri, registration_access_token: token }: z.infer<typeof REGISTERED>,
  endpoint: URL,
  asker: Asker,
): Promise<readonly [boolean | undefined, string]> {
  const remains = `the client ${quote(id, 80)} stays registered there`;
  if (uri === undefined || token === undefined) return [false, remains];
  const url = new URL(uri);
  if (url.origin !== endpoint.origin) return [undefined, `it names ${quote(url.origin, 80)} for it, and ${remains}`];
  const request = { method: 'DELETE' as const, headers: { authorization: `Bearer ${token}` } };
  const found = await asker.attempt(() => asker.look(url, request, 'none'));
  if (!('value' in found)) return [undefined, `${found.why}, and ${remains}`];
  const { status } = found.value;
  return status < 300 ? [true, `HTTP ${status}`] : [false, `HTTP ${status}, and ${remains}`];
}
