// The health check of the container image: exit code 0 where the service in this container says that it works.
// SEALWATCH_HEALTH_PORT is its port, 8470 (pages) where it is not set; the gateway has 8471.
import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 4_000;
const port = process.env.SEALWATCH_HEALTH_PORT ?? '8470';

/** Which of both it speaks is a matter of the configuration. */
const isHealthy = (await answers(http, 'http:')) || (await answers(https, 'https:'));
process.exit(isHealthy ? 0 : 1);

function answers(protocol, scheme) {
  return new Promise((resolve) => {
    const options = {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // The certificate has the public name. Nothing leaves this container, and nothing secret is sent.
      rejectUnauthorized: false,
    };
    const request = protocol.get(`${scheme}//127.0.0.1:${port}/healthz`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
