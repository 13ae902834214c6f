import type { ClientEntry } from './read-client-file.js';

/** Returns the folder in which a client starts what it finds in a file of a project; `undefined` where no project is meant. */
export function projectFolder({ server, path }: ClientEntry): string | undefined {
  switch (server.scope) {
    case 'user':
      return undefined;
    case 'local':
      // Claude Code: below `projects`, by their paths.
      return typeof path[1] === 'string' ? path[1] : undefined;
    case 'project':
      return server.file.replace(/[/\\][^/\\]*$/, '').replace(SETTINGS, '') || '/';
  }
}

const SETTINGS = /[/\\]\.(?:cursor|vscode|zed|codex|gemini|opencode|junie[/\\]mcp|continue[/\\]mcpServers)$/;

/** Whether a command or one of its arguments means something else in another folder. */
export function isOfItsFolder(words: readonly string[]): boolean {
  return words.some((word, index) => !isAbsolute(word) && (isPath(word) || (index === 0 && /[/\\]/.test(word))));
}

/** Whether a path is the same from everywhere. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:[/\\])/.test(path);
}

function isPath(word: string): boolean {
  if (/^\.{1,2}(?:$|[/\\])/.test(word)) return true;
  return !/^[-@]|:\/\//.test(word) && /\.(?:[cm]?[jt]sx?|py|rb|sh|jar|exe|dll|json|ya?ml|toml|db|sqlite)$/i.test(word);
}
