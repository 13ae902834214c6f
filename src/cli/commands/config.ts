import type { Command } from 'commander';

import { configJsonSchema } from '../../config/schema.js';
import type { Schedule, Server } from '../../model/server.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { readConfig } from '../session.js';
import { tableLines } from '../table.js';

/** Adds `config check` and `config schema`. */
export function addConfig(program: Command, run: Runner): void {
  const config = program.command('config').description('the configuration file');
  config
    .command('check')
    .description('read the configuration and say what is in it, or every mistake with its line')
    .addHelpText('after', '\nExamples:\n  sealwatch config check\n  sealwatch --config other.yaml config check --json')
    .action(run(check));
  config
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .addHelpText('after', '\nExamples:\n  sealwatch config schema > sealwatch.schema.json')
    .action(run(schema));
}

function check(cli: Cli): Promise<Outcome> {
  const config = readConfig(cli);
  const { file, stateDir, servers, disabled, channels, notes } = config;
  return Promise.resolve({
    exitCode: 0,
    json: {
      file,
      stateDir,
      servers: servers.map(serverJson),
      disabled,
      channels: channels.map(({ name }) => name),
      notes,
    },
    print: (terminal) => {
      terminal.line(`${file}: ${terminal.paint.green('no mistakes')}; state in ${stateDir}`);
      terminal.line();
      const columns = [{ title: 'SERVER' }, { title: 'OVER' }, { title: 'SCHEDULE' }, { title: 'FIRST USE' }];
      const rows = servers.map((server) => [
        server.id,
        server.connection.kind,
        scheduleText(server.schedule),
        server.firstUse,
      ]);
      for (const line of tableLines(
        columns,
        rows.map((row) => row.map((text) => ({ text }))),
        terminal.width,
      ))
        terminal.line(line);
      if (servers.length === 0)
        terminal.line(terminal.paint.yellow('(no server yet: add entries from the mcpServers of your client)'));
      for (const note of notes) terminal.line(`note: ${note}`);
    },
  });
}

function schema(): Promise<Outcome> {
  const text = configJsonSchema();
  return Promise.resolve({
    exitCode: 0,
    json: { schema: text },
    print: (terminal) => {
      terminal.json(text);
    },
  });
}

function serverJson({ id, connection, schedule, firstUse }: Server): Readonly<Record<string, unknown>> {
  return { id, connection: connection.kind, schedule: scheduleText(schedule), firstUse };
}

function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'every':
      return `every ${schedule.intervalMs / 1_000} s`;
    case 'cron':
      return `${schedule.expression}${schedule.timeZone === undefined ? '' : ` ${schedule.timeZone}`}`;
  }
}
