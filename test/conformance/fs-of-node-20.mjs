// @modelcontextprotocol/conformance imports `globSync`, which Node 20 does not have and the client scenarios do not need.
import { register } from 'node:module';

const fs = moduleOf(`export * from 'node:fs'; export { default } from 'node:fs';
export function globSync() { throw new Error('node 20 has no globSync'); }`);
register(
  moduleOf(`export async function resolve(specifier, context, next) {
  const isTheirs = specifier === 'fs' && context.parentURL?.includes('/@modelcontextprotocol/conformance/');
  return isTheirs ? { url: ${JSON.stringify(fs)}, shortCircuit: true } : await next(specifier, context);
}`),
);

function moduleOf(text) {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
