import { stringify } from 'yaml';

/** A server that the configuration is written with. */
export interface WrittenServer {
  readonly id: string;
  readonly entry: object;
  /** Where it was found; one line. */
  readonly comment: string;
}

/** Returns the configuration that `sealwatch init` writes, with these servers. */
export function configText(servers: readonly WrittenServer[]): string {
  return CONFIG_TEMPLATE.replace(
    /^servers:\n/m,
    // A function: what stands in a command is no pattern of a replacement.
    (line) => `${line}${servers.map(serverText).join('')}`,
  );
}

/** Returns a server as it stands below `servers`. */
export function serverText({ id, entry, comment }: WrittenServer): string {
  const lines = stringify({ [id]: entry }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return `${[`# ${comment}`, ...lines].map((line) => `  ${line}`).join('\n')}\n\n`;
}

/** What `sealwatch init` writes: a configuration that loads as it is, and says in comments what can stand in it. */
export const CONFIG_TEMPLATE = `# Sealwatch: which MCP servers are watched, and how.
# Check this file with \`sealwatch config check\`; \`sealwatch config schema\` prints its JSON Schema for editors.
# \${VAR} and \${VAR:-default} come from the environment, so that no secret stands here.

defaults:
  schedule: 5m          # an interval (30s, 5m, 1h) or a cron expression ("*/10 * * * *")
  maxUnchecked: 24h     # after so long without a complete check, everything of a server is held
  # firstUse: hold      # hold: a person approves everything new; trust: what is seen first is approved, and the record says so

servers:
  # An entry of your client's mcpServers works as it is:
  #
  # filesystem:
  #   command: npx
  #   args: [-y, "@modelcontextprotocol/server-filesystem", /home/me/notes]
  #
  # search:
  #   url: https://mcp.example.com/mcp
  #   headers: { Authorization: "Bearer \${SEARCH_TOKEN}" }
  #   schedule: "*/2 * * * *"
  #
  # reports:              # a local HTTP server that Sealwatch starts itself, on a free port
  #   command: node
  #   args: [reports-server.js]
  #   env: { PORT: "{port}" }
  #   url: http://127.0.0.1:{port}/mcp
  #   volatile:           # an honest server that puts today's date into a description
  #     - { kind: tool, name: report, pointer: /description, pattern: '\\d{4}-\\d{2}-\\d{2}' }

# policy:
#   autoApprove: [cosmetic]   # also: removal. Recorded as this policy's approvals
#   allowlist:                # what may be connected to or started at all; docs/connections.md says more
#     - origin: https://mcp.example.com
#     - package: pkg:npm/@modelcontextprotocol/server-filesystem@^2025.1.0

# rules:
#   folders: [./rules]              # rules of your own; sealwatch rules lint ./rules checks them
#   off: [tool-preference]
#   severity: { same-tool-name: info }

# notify:
#   email:
#     from: sealwatch@example.com
#     to: [security@example.com]
#     smtp: { host: smtp.example.com, port: 587, security: starttls, user: sealwatch, password: "\${SMTP_PASSWORD}" }
#   slack: { url: "\${SLACK_WEBHOOK}" }   # also: teams, webhook, pagerduty, syslog
#   stdout: {}

# alerts:
#   digest: "08:00"         # what is neither critical nor high goes out then, in one message
#   quietHours: { from: "22:00", to: "07:00" }   # meanwhile only what is critical
#   routes:
#     - { servers: [payments-*], channels: [email] }

# serve:
#   publicUrl: https://sealwatch.example.com   # what links in mails start with
#   trustedProxies: [10.0.0.5]                 # the proxy in front; or tls: { cert: server.crt, key: server.key }

# signIn:                   # an OpenID Connect provider; docs/service.md says more
#   issuer: https://login.example.com/realms/staff
#   clientId: sealwatch
#   clientSecret: "\${OIDC_SECRET}"
#   roles:
#     - { value: security, role: approver }
`;
