import { rootCertificates } from 'node:tls';

import type { CustomFetch } from 'openid-client';
import { Agent, fetch as undiciFetch } from 'undici';

/** Metadata, keys and tokens are small; more would only fill the memory. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Returns how the provider is talked to: with the certificates of a private authority besides the usual ones. */
export function createProviderFetch(ca: string | undefined): CustomFetch {
  const dispatcher = new Agent({
    maxResponseSize: MAX_RESPONSE_BYTES,
    ...(ca === undefined ? {} : { connect: { ca: [...rootCertificates, ca] } }),
  });
  return async (url, { body, headers, method, redirect, signal }) => {
    const response = await undiciFetch(url, {
      dispatcher,
      headers,
      method,
      redirect,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    // undici's own Response and that of Node are the same class in two copies; the caller knows the latter.
    const bytes = await response.arrayBuffer();
    return new Response(bytes.byteLength === 0 ? null : bytes, {
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
    });
  };
}
