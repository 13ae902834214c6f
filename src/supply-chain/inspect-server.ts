import { factsWithout, type PackageFacts, unknown } from '../model/package-facts.js';
import { identifyLaunch } from '../policy/identify-launch.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import type { PackageSource, SourceContext } from './package-source.js';

/** What a server runs, and what could be told about it. */
export interface ServerFacts {
  readonly identity: LaunchIdentity;
  readonly facts: PackageFacts;
}

/** One source for each kind of thing that a command can run. */
export interface Sources {
  readonly npm: PackageSource;
  readonly pypi: PackageSource;
  readonly file: PackageSource;
  readonly oci: PackageSource;
}

/** Returns what a command runs and what is known about it; of a command that does not say what it runs all is `unknown`. */
export async function inspectServer(
  launch: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  context: SourceContext,
  sources: Sources,
): Promise<ServerFacts> {
  const identity = identifyLaunch(launch);
  const source = sourceFor(identity, sources);
  const facts =
    typeof source === 'string'
      ? factsWithout({ purl: undefined, ecosystem: 'unknown', requested: undefined }, unknown(source))
      : await source.inspect(identity, { ...context, command: launch.command });
  return { identity, facts };
}

/** Where the command does not say what it runs: why. */
function sourceFor(identity: LaunchIdentity, sources: Sources): PackageSource | string {
  switch (identity.kind) {
    case 'package':
      return sources[identity.type];
    case 'executable':
      return sources.file;
    case 'image':
      return sources.oci;
    case 'unknown':
      return identity.why;
  }
}
