import { describe, expect, test } from 'vitest';

import type { ClientPlace } from '../../src/clients/client.js';
import { clientPlaces, type Machine } from '../../src/clients/client-places.js';

const LINUX: Machine = { platform: 'linux', home: '/home/ada', env: {}, cwd: '/srv/app' };
const MAC: Machine = { platform: 'darwin', home: '/Users/ada', env: {}, cwd: '/srv/app' };
const WINDOWS: Machine = {
  platform: 'win32',
  home: 'C:\\Users\\ada',
  env: { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' },
  cwd: 'D:\\app',
};

function shown({ scope, where, at }: ClientPlace): string {
  const key = at.join('.');
  switch (where.kind) {
    case 'file':
      return `${scope} ${where.path} ${key}`;
    case 'files':
      return `${scope} ${where.folder}/*{${where.endings.join()}} ${key}`;
    case 'folders':
      return `${scope} ${where.folder}/*/${where.name} ${key}`;
  }
}

function placesOf(client: string, machine: Machine): readonly string[] {
  return clientPlaces(machine)
    .filter((place) => place.client === client && place.scope === 'user')
    .map(shown);
}

const SUPPORT = '/Users/ada/Library/Application Support';
const ROAMING = 'C:\\Users\\ada\\AppData\\Roaming';
const WIN = 'C:\\Users\\ada';

describe('files of the user', () => {
  test.each<[string, Machine, readonly string[]]>([
    ['Claude Desktop', LINUX, ['user /home/ada/.config/Claude/claude_desktop_config.json mcpServers']],
    ['Claude Desktop', MAC, [`user ${SUPPORT}/Claude/claude_desktop_config.json mcpServers`]],
    ['Claude Desktop', WINDOWS, [`user ${ROAMING}\\Claude\\claude_desktop_config.json mcpServers`]],
    ['Claude Code', LINUX, ['user /home/ada/.claude.json mcpServers']],
    ['Claude Code', MAC, ['user /Users/ada/.claude.json mcpServers']],
    ['Claude Code', WINDOWS, [`user ${WIN}\\.claude.json mcpServers`]],
    ['Cursor', LINUX, ['user /home/ada/.cursor/mcp.json mcpServers']],
    ['Cursor', MAC, ['user /Users/ada/.cursor/mcp.json mcpServers']],
    ['Cursor', WINDOWS, [`user ${WIN}\\.cursor\\mcp.json mcpServers`]],
    [
      'VS Code',
      LINUX,
      [
        'user /home/ada/.config/Code/User/mcp.json servers',
        'user /home/ada/.config/Code/User/profiles/*/mcp.json servers',
        'user /home/ada/.config/Code/User/settings.json mcp.servers',
      ],
    ],
    [
      'VS Code Insiders',
      MAC,
      [
        `user ${SUPPORT}/Code - Insiders/User/mcp.json servers`,
        `user ${SUPPORT}/Code - Insiders/User/profiles/*/mcp.json servers`,
        `user ${SUPPORT}/Code - Insiders/User/settings.json mcp.servers`,
      ],
    ],
    [
      'VS Code',
      WINDOWS,
      [
        `user ${ROAMING}\\Code\\User\\mcp.json servers`,
        `user ${ROAMING}\\Code\\User\\profiles/*/mcp.json servers`,
        `user ${ROAMING}\\Code\\User\\settings.json mcp.servers`,
      ],
    ],
    ['Windsurf', LINUX, ['user /home/ada/.codeium/windsurf/mcp_config.json mcpServers']],
    ['Windsurf', MAC, ['user /Users/ada/.codeium/windsurf/mcp_config.json mcpServers']],
    ['Windsurf', WINDOWS, [`user ${WIN}\\.codeium\\windsurf\\mcp_config.json mcpServers`]],
    ['Zed', LINUX, ['user /home/ada/.config/zed/settings.json context_servers']],
    ['Zed', MAC, ['user /Users/ada/.config/zed/settings.json context_servers']],
    ['Zed', WINDOWS, [`user ${ROAMING}\\Zed\\settings.json context_servers`]],
    ['Codex', LINUX, ['user /home/ada/.codex/config.toml mcp_servers']],
    ['Codex', MAC, ['user /Users/ada/.codex/config.toml mcp_servers']],
    ['Codex', WINDOWS, [`user ${WIN}\\.codex\\config.toml mcp_servers`]],
    ['Gemini CLI', LINUX, ['user /home/ada/.gemini/settings.json mcpServers']],
    ['Gemini CLI', WINDOWS, [`user ${WIN}\\.gemini\\settings.json mcpServers`]],
    [
      'Cline',
      LINUX,
      [
        'user /home/ada/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json mcpServers',
        'user /home/ada/.config/Code - Insiders/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json mcpServers',
        'user /home/ada/.cline/data/settings/cline_mcp_settings.json mcpServers',
      ],
    ],
    [
      'Continue',
      LINUX,
      [
        'user /home/ada/.continue/config.yaml mcpServers',
        'user /home/ada/.continue/config.yml mcpServers',
        'user /home/ada/.continue/config.json mcpServers',
        'user /home/ada/.continue/mcpServers/*{.yaml,.yml,.json} mcpServers',
      ],
    ],
    ['Junie', MAC, ['user /Users/ada/.junie/mcp/mcp.json mcpServers']],
    ['Junie', WINDOWS, [`user ${WIN}\\.junie\\mcp\\mcp.json mcpServers`]],
    [
      'LM Studio',
      MAC,
      ['user /Users/ada/.lmstudio/mcp.json mcpServers', 'user /Users/ada/.cache/lm-studio/mcp.json mcpServers'],
    ],
    [
      'OpenCode',
      MAC,
      [
        'user /Users/ada/.config/opencode/opencode.json mcp',
        'user /Users/ada/.config/opencode/opencode.jsonc mcp',
        'user /Users/ada/.config/opencode/config.json mcp',
      ],
    ],
  ])('of %s on $platform', (client, machine, expected) => {
    expect(placesOf(client, machine)).toEqual(expected);
  });
});

test.each<[string, Record<string, string>, string]>([
  ['Claude Code', { CLAUDE_CONFIG_DIR: '/x/' }, 'user /x/.claude.json mcpServers'],
  ['Codex', { CODEX_HOME: '/x' }, 'user /x/config.toml mcp_servers'],
  ['Zed', { XDG_CONFIG_HOME: '/x' }, 'user /x/zed/settings.json context_servers'],
  ['Claude Desktop', { XDG_CONFIG_HOME: '/x' }, 'user /x/Claude/claude_desktop_config.json mcpServers'],
  ['Continue', { CONTINUE_GLOBAL_DIR: '/x' }, 'user /x/config.yaml mcpServers'],
  ['OpenCode', { OPENCODE_CONFIG: '/x/a.json' }, 'user /x/a.json mcp'],
])('a variable adds a place of %s and takes none away: %j', (client, env, added) => {
  const places = placesOf(client, { ...LINUX, env });
  expect(places).toContain(added);
  expect(places).toEqual(expect.arrayContaining([...placesOf(client, LINUX)]));
});

test('files of a project are looked for in every folder above', () => {
  const files = clientPlaces(LINUX)
    .filter(({ client, scope }) => client === 'Claude Code' && scope === 'project')
    .map(shown);
  expect(files).toEqual([
    'project /srv/app/.mcp.json mcpServers',
    'project /srv/.mcp.json mcpServers',
    'project /.mcp.json mcpServers',
  ]);
});

test('files of a project on Windows', () => {
  const files = clientPlaces(WINDOWS)
    .filter(({ scope }) => scope === 'project')
    .map(shown);
  expect(files.slice(0, 12)).toEqual([
    'project D:\\app\\.mcp.json mcpServers',
    'project D:\\app\\.cursor\\mcp.json mcpServers',
    'project D:\\app\\.vscode\\mcp.json servers',
    'project D:\\app\\.vscode\\settings.json mcp.servers',
    'project D:\\app\\.zed\\settings.json context_servers',
    'project D:\\app\\.codex\\config.toml mcp_servers',
    'project D:\\app\\.gemini\\settings.json mcpServers',
    'project D:\\app\\.continue\\mcpServers/*{.yaml,.yml,.json} mcpServers',
    'project D:\\app\\.junie\\mcp\\mcp.json mcpServers',
    'project D:\\app\\opencode.json mcp',
    'project D:\\app\\.opencode\\opencode.json mcp',
    'project D:\\app\\opencode.jsonc mcp',
  ]);
});

test('a file of the home folder is the user’s, not a project’s as well', () => {
  const files = clientPlaces({ ...LINUX, cwd: '/home/ada/app' })
    .map(shown)
    .filter((one) => one.includes('/home/ada/.cursor/'));
  expect(files).toEqual(['user /home/ada/.cursor/mcp.json mcpServers']);
});
