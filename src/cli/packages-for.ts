import type { Config } from '../config/config.js';
import { childEnvironment } from '../mcp/child-environment.js';
import type { Packages } from '../ports.js';
import { systemClock } from './system.js';

/** Returns what tells of which package a server is; nothing where none is recorded, since npm's modules take a while to load. */
export async function packagesFor({ servers, policy }: Config): Promise<{ readonly packages?: Packages }> {
  if (!servers.some(({ recordsPackage }) => recordsPackage === true)) return {};
  const { createPackages } = await import('../supply-chain/create-packages.js');
  const { createNpmSource } = await import('../supply-chain/npm-source.js');
  const sources = {
    npm: createNpmSource({ tree: policy.packages?.forbidInstallScripts === true ? 'walked' : 'left' }),
  };
  return {
    packages: createPackages({
      clock: systemClock,
      sources,
      environment: childEnvironment,
      policy: policy.packages,
    }),
  };
}
