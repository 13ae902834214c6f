import { createFileSource } from './file-source.js';
import type { Sources } from './inspect-server.js';
import { createNpmSource } from './npm-source.js';
import { createOciSource } from './oci-source.js';
import { createPypiSource } from './pypi-source.js';

/** Returns the sources for all that a command can run. `tree`: whether it is looked at what is installed with a package. */
export function createSources({ tree }: { readonly tree: 'walked' | 'left' }): Sources {
  return { npm: createNpmSource({ tree }), pypi: createPypiSource(), file: createFileSource(), oci: createOciSource() };
}
