import type { Launch } from '../model/server.js';
import { identifyLaunch, isExactVersion } from '../policy/identify-launch.js';

/**
 * Returns the package URL of what a command runs, `undefined` where the command does not tell. It has a version only where that is the only one
 * that can run: a range or a tag is another package tomorrow.
 */
export function packageUrl(launch: Launch | undefined): string | undefined {
  if (launch === undefined) return undefined;
  const identity = identifyLaunch(launch);
  switch (identity.kind) {
    case 'package': {
      const { type, name, requested } = identity;
      const isExact = requested !== undefined && isExactVersion(type, requested);
      return `pkg:${type}/${name}${isExact ? `@${requested}` : ''}`;
    }
    case 'image':
      return `pkg:oci/${identity.repository}${identity.digest === undefined ? '' : `@${identity.digest}`}`;
    case 'executable':
    case 'unknown':
      return undefined;
  }
}
