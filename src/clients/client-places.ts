import type { ClientName, ClientPlace, Where } from './client.js';

/** The machine that is asked about: nothing is taken from the process. */
export interface Machine {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** Absolute path of the person's folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path; files of projects are looked for here and in every folder above. */
  readonly cwd: string;
}

/**
 * Returns where the clients that are known keep their servers on a machine, each file once.
 *
 * A variable that moves a client's folder adds a place and takes none away, because the client may be started without it. What
 * extensions and plugins of clients bring along, what an organisation sets for the whole machine, and other profiles than those of
 * VS Code are not among them.
 */
export function clientPlaces(machine: Machine): readonly ClientPlace[] {
  const seen = new Set<string>();
  return [...userPlaces(machine), ...foldersFrom(machine).flatMap((folder) => projectPlaces(folder, machine))].filter(
    ({ where, at }) => {
      // The project files of the home folder are the files of the user.
      const key = JSON.stringify([where, at]);
      return seen.has(key) ? false : seen.add(key);
    },
  );
}

function userPlaces(machine: Machine): readonly ClientPlace[] {
  const { platform, home, env } = machine;
  const path = (...parts: readonly string[]): string => joined(machine, parts);
  const user = (client: ClientName, at: readonly string[], where: string | Where): ClientPlace =>
    placed(client, 'user', at, where);
  const moved = (name: string): readonly string[] => (env[name] === undefined || env[name] === '' ? [] : [env[name]]);
  const config = configFolders(machine);
  const appData = platform === 'darwin' ? [path(home, 'Library', 'Application Support')] : config;
  // Zed and OpenCode use ~/.config on macOS too, OpenCode even on Windows.
  const dotConfig = [...moved('XDG_CONFIG_HOME'), path(home, '.config')];
  const zed = platform === 'win32' ? config.map((one) => path(one, 'Zed')) : dotConfig.map((one) => path(one, 'zed'));
  return [
    // https://modelcontextprotocol.io/docs/develop/connect-local-servers
    ...appData.map((one) => user('Claude Desktop', MCP_SERVERS, path(one, 'Claude', 'claude_desktop_config.json'))),
    // https://code.claude.com/docs/en/mcp and /settings
    ...[home, ...moved('CLAUDE_CONFIG_DIR')].map((one) => user('Claude Code', MCP_SERVERS, path(one, '.claude.json'))),
    // https://cursor.com/docs/context/mcp
    user('Cursor', MCP_SERVERS, path(home, '.cursor', 'mcp.json')),
    ...appData.flatMap((one) =>
      CODES.flatMap(([client, folder]) => codePlaces(client, path(one, folder, 'User'), machine)),
    ),
    // https://docs.windsurf.com/windsurf/cascade/mcp
    user('Windsurf', MCP_SERVERS, path(home, '.codeium', 'windsurf', 'mcp_config.json')),
    // https://zed.dev/docs/ai/mcp and /configuring-zed
    ...zed.map((one) => user('Zed', ['context_servers'], path(one, 'settings.json'))),
    // https://developers.openai.com/codex/mcp
    ...[path(home, '.codex'), ...moved('CODEX_HOME')].map((one) =>
      user('Codex', ['mcp_servers'], path(one, 'config.toml')),
    ),
    // https://geminicli.com/docs/cli/configuration
    user('Gemini CLI', MCP_SERVERS, path(home, '.gemini', 'settings.json')),
    // https://docs.cline.bot/mcp/configuring-mcp-servers
    user('Cline', MCP_SERVERS, path(home, '.cline', 'data', 'settings', CLINE_FILE)),
    // https://docs.continue.dev/customize/deep-dives/mcp
    ...[path(home, '.continue'), ...moved('CONTINUE_GLOBAL_DIR')].flatMap((one) => [
      ...['config.yaml', 'config.yml', 'config.json'].map((name) => user('Continue', MCP_SERVERS, path(one, name))),
      user('Continue', MCP_SERVERS, { kind: 'files', folder: path(one, 'mcpServers'), endings: BLOCKS }),
    ]),
    // https://www.jetbrains.com/help/junie/model-context-protocol-mcp.html
    user('Junie', MCP_SERVERS, path(home, '.junie', 'mcp', 'mcp.json')),
    // https://lmstudio.ai/docs/app/mcp; some installations keep the older folder
    user('LM Studio', MCP_SERVERS, path(home, '.lmstudio', 'mcp.json')),
    user('LM Studio', MCP_SERVERS, path(home, '.cache', 'lm-studio', 'mcp.json')),
    // https://opencode.ai/docs/config
    ...dotConfig.flatMap((one) => OPENCODE_FILES.map((name) => user('OpenCode', ['mcp'], path(one, 'opencode', name)))),
    ...moved('OPENCODE_CONFIG').map((one) => user('OpenCode', ['mcp'], one)),
    ...moved('OPENCODE_CONFIG_DIR').flatMap((one) =>
      OPENCODE_FILES.map((name) => user('OpenCode', ['mcp'], path(one, name))),
    ),
  ];
}

/** https://code.visualstudio.com/docs/copilot/reference/mcp-configuration; in the settings until version 1.102. */
function codePlaces(client: ClientName, folder: string, machine: Machine): readonly ClientPlace[] {
  const path = (...parts: readonly string[]): string => joined(machine, [folder, ...parts]);
  return [
    placed(client, 'user', ['servers'], path('mcp.json')),
    placed(client, 'user', ['servers'], { kind: 'folders', folder: path('profiles'), name: 'mcp.json' }),
    placed(client, 'user', ['mcp', 'servers'], path('settings.json')),
    placed('Cline', 'user', MCP_SERVERS, path('globalStorage', 'saoudrizwan.claude-dev', 'settings', CLINE_FILE)),
  ];
}

function projectPlaces(folder: string, machine: Machine): readonly ClientPlace[] {
  const project = (client: ClientName, at: readonly string[], ...parts: readonly string[]): ClientPlace =>
    placed(client, 'project', at, joined(machine, [folder, ...parts]));
  const blocks = joined(machine, [folder, '.continue', 'mcpServers']);
  return [
    project('Claude Code', MCP_SERVERS, '.mcp.json'),
    project('Cursor', MCP_SERVERS, '.cursor', 'mcp.json'),
    // The workspace's file is the same one for Insiders.
    project('VS Code', ['servers'], '.vscode', 'mcp.json'),
    project('VS Code', ['mcp', 'servers'], '.vscode', 'settings.json'),
    project('Zed', ['context_servers'], '.zed', 'settings.json'),
    project('Codex', ['mcp_servers'], '.codex', 'config.toml'),
    project('Gemini CLI', MCP_SERVERS, '.gemini', 'settings.json'),
    placed('Continue', 'project', MCP_SERVERS, { kind: 'files', folder: blocks, endings: BLOCKS }),
    project('Junie', MCP_SERVERS, '.junie', 'mcp', 'mcp.json'),
    ...['opencode.json', 'opencode.jsonc'].flatMap((name) => [
      project('OpenCode', ['mcp'], name),
      project('OpenCode', ['mcp'], '.opencode', name),
    ]),
  ];
}

const MCP_SERVERS = ['mcpServers'];
const BLOCKS = ['.yaml', '.yml', '.json'];
const CLINE_FILE = 'cline_mcp_settings.json';
const OPENCODE_FILES = ['opencode.json', 'opencode.jsonc', 'config.json'];
const CODES = [
  ['VS Code', 'Code'],
  ['VS Code Insiders', 'Code - Insiders'],
] as const;

function placed(
  client: ClientName,
  scope: ClientPlace['scope'],
  at: readonly string[],
  where: string | Where,
): ClientPlace {
  return { client, scope, at, where: typeof where === 'string' ? { kind: 'file', path: where } : where };
}

/** Where programs keep settings; on Windows and Linux a variable may say so. */
function configFolders(machine: Machine): readonly string[] {
  const { platform, home, env } = machine;
  const named = env[platform === 'win32' ? 'APPDATA' : 'XDG_CONFIG_HOME'];
  const usual = joined(machine, platform === 'win32' ? [home, 'AppData', 'Roaming'] : [home, '.config']);
  return [...new Set(named === undefined || named === '' ? [usual] : [named, usual])];
}

function foldersFrom(machine: Machine): readonly string[] {
  const parts = machine.cwd
    .split(machine.platform === 'win32' ? /[/\\]/ : '/')
    .filter((part, index) => part !== '' || index === 0);
  return parts.map((_, index) => joined(machine, parts.slice(0, parts.length - index)));
}

function joined({ platform }: Machine, parts: readonly string[]): string {
  const separator = platform === 'win32' ? '\\' : '/';
  const trimmed = parts.map((part, index) => (index < parts.length - 1 ? part.replace(/[/\\]+$/, '') : part));
  return trimmed.join(separator);
}
