import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';

import { messageOf } from '../errors.js';
import type { GatewayAuth } from '../model/access.js';
import type { JsonObject } from '../model/json.js';
import { addressOf, type AskIssuer, lazily } from './issuer-metadata.js';
import { CLOCK_TOLERANCE_SECONDS, verdictOn, type VerifyToken } from './verify-token.js';

/** Returns what takes JWTs (RFC 9068): with the issuer, an audience, an end, a subject, and a signature by one of the issuer's keys. */
export function verifyJwt({ issuer, algorithms }: GatewayAuth, ask: AskIssuer): VerifyToken {
  const keysOf = lazily(async (): Promise<JWTVerifyGetKey> => {
    const jwksUri = await addressOf(issuer, 'jwks_uri', ask);
    return createRemoteJWKSet(new URL(jwksUri), { [customFetch]: async (url: string) => await ask(url) });
  });
  return async (token, audiences) => {
    let keys: JWTVerifyGetKey;
    try {
      keys = await keysOf();
    } catch (error) {
      return { kind: 'unknown', why: messageOf(error) };
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return verdictOn(payload as JsonObject);
    } catch (error) {
      // What is not an error about the token is one about the keys.
      const isOfToken = error instanceof errors.JOSEError && !OF_KEYS.includes(error.code);
      return { kind: isOfToken ? 'invalid' : 'unknown', why: messageOf(error) };
    }
  };
}

/** No answer, and one that is no set of keys. */
const OF_KEYS = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID'];
