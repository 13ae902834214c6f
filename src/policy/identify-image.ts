import { quote } from '../quote.js';
import { isDecisive, type LaunchIdentity, unknownLaunch } from './launch-identity.js';
import { readOptions } from './read-options.js';

/**
 * Returns the image that `docker run` or `podman run` starts with these arguments. Options that can put other code into it, or start
 * something on this machine, make it unknown.
 */
export function identifyImage(args: readonly string[]): LaunchIdentity {
  const { given, rest, problem } = readOptions(args, { flags: FLAGS, valued: VALUED });
  if (problem !== undefined) return unknownLaunch(problem);
  const decisive = given.map(([option, value]) => decidedBy(option, value)).find((why) => why !== undefined);
  if (decisive !== undefined) return unknownLaunch(decisive);
  const [, repository, tag, digest] =
    /^([^@\s]+?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(rest[0] ?? '') ?? [];
  if (repository === undefined) return unknownLaunch('it names no image');
  return { kind: 'image', repository, tag, digest };
}

function decidedBy(option: string, value: string): string | undefined {
  const variable = value.split('=')[0] ?? '';
  if (['-e', '--env'].includes(option) && isDecisive(variable))
    return `the variable ${quote(variable, 60)} can make the image run something else`;
  if (option === '--mount' && !isPlainMount(value))
    return `the mount ${quote(value, 60)} can bring content from elsewhere into the image`;
  return undefined;
}

/** A mount of another image, or by a driver (of a network file system, say), lays the content of somebody else over the image. */
function isPlainMount(value: string): boolean {
  const fields = value.split(',').map((field) => field.trim().toLowerCase());
  const type = fields.find((field) => field.startsWith('type='))?.slice('type='.length) ?? 'volume';
  return ['bind', 'volume', 'tmpfs'].includes(type) && !fields.some((field) => field.startsWith('volume-'));
}

/** Options that take no value, and those that take one; of what is in neither, nobody knows where the image begins. */
const FLAGS =
  `-i --interactive -t --tty -it -ti -d --detach --rm --init --read-only -P --publish-all -q --quiet --no-healthcheck`.split(
    ' ',
  );
const VALUED =
  `-e --env -v --volume --mount --name --network --net -p --publish -u --user -w --workdir --platform --pull -m --memory
   --memory-swap --cpus -l --label -h --hostname --add-host --cap-drop --cap-add --security-opt --tmpfs --ulimit --shm-size --pids-limit
   --log-driver --log-opt --stop-timeout --gpus --device --dns --restart --expose --group-add --userns --ipc --pid`.split(
    /\s+/,
  );
