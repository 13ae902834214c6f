/** One requirement of the MCP specification or the guides for HTTP servers, and whether a server meets it. */
export interface PostureLine {
  /** Stable, such as `pkce-s256`. */
  readonly id: string;
  readonly title: string;
  readonly status: 'met' | 'not met' | 'could not tell';
  /** What was seen; text of the server is quoted. */
  readonly evidence: string;
}
