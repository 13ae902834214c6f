/** A program that talks to MCP servers for a person. */
export type ClientName =
  | 'Claude Desktop'
  | 'Claude Code'
  | 'Cursor'
  | 'VS Code'
  | 'VS Code Insiders'
  | 'Windsurf'
  | 'Zed'
  | 'Codex'
  | 'Gemini CLI'
  | 'Cline'
  | 'Continue'
  | 'Junie'
  | 'LM Studio'
  | 'OpenCode';

/** `user`: in force everywhere; `project`: a file of the project; `local`: for one project, in a file of the user. */
export type ClientScope = 'user' | 'project' | 'local';

/** Where a client may keep servers. */
export interface ClientPlace {
  readonly client: ClientName;
  readonly scope: Exclude<ClientScope, 'local'>;
  readonly where: Where;
  /** The member that holds the servers, from the root of the document. */
  readonly at: readonly string[];
}

export type Where =
  | { readonly kind: 'file'; readonly path: string }
  /** Every file of the folder that ends like this. */
  | { readonly kind: 'files'; readonly folder: string; readonly endings: readonly string[] }
  /** A file of this name in every folder of the folder. */
  | { readonly kind: 'folders'; readonly folder: string; readonly name: string };

/** One server as one client names it; no value of a variable or header is part of it. */
export interface ClientServer {
  readonly client: ClientName;
  readonly scope: ClientScope;
  readonly file: string;
  readonly name: string;
  /** The client does not start it, or connect to it, until somebody changes that. */
  readonly isDisabled: boolean;
  readonly target: Target;
}

/** What a client starts or connects to. */
export type Target =
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd: string | undefined;
      /** In order. */
      readonly envNames: readonly string[];
      /** Whether more variables come from a file. */
      readonly hasEnvFile: boolean;
    }
  | { readonly kind: 'http'; readonly url: string; readonly headerNames: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string };
