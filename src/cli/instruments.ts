import { SealwatchError } from '../errors.js';
import type { Logger } from '../ports.js';
import { createJsonLogger, LOG_LEVELS, type LogLevel, withLevel } from '../telemetry/logs.js';
import { createServiceManager, type ServiceManager } from '../telemetry/systemd.js';
import { createTelemetry } from '../telemetry/telemetry.js';
import { startTracing } from '../telemetry/tracing.js';
import type { Cli } from './cli.js';
import { packageVersion } from './package-root.js';
import { secretsOf } from './secrets.js';
import { type Instrument, readConfig } from './session.js';
import { systemClock } from './system.js';
import { withoutRepeats } from './without-repeats.js';

export interface LogOptions {
  readonly logFormat?: 'human' | 'json';
  readonly logLevel?: LogLevel;
}

/** What a service tells about itself, and where to. */
export interface Instruments {
  /** The same command line, whose notes go to the service's log. */
  readonly cli: Cli;
  readonly instrument: Instrument;
  readonly manager: ServiceManager;
  /** Sends what has not been sent yet. */
  readonly stop: () => Promise<void>;
}

/** Returns the log, the figures, the traces and the line to the service manager, as flags and environment say. @throws {SealwatchError} `USAGE` */
export async function startInstruments(given: Cli, options: LogOptions): Promise<Instruments> {
  const logger = createLogger(given, options);
  const { terminal } = given;
  const noted = { ...terminal, note: logger.info, warn: logger.warn, progress: () => undefined };
  const version = packageVersion();
  const tracing = await startTracing(given.env, version, logger);
  let missing: () => readonly string[] = () => [];
  const manager = createServiceManager(given.env, () => !missing().includes('scheduler'), logger);
  return {
    cli: formatOf(given, options) === 'json' ? { ...given, terminal: noted } : given,
    instrument: (store) => {
      const telemetry = createTelemetry({ store, clock: systemClock, version, tracing });
      ({ missing } = telemetry);
      return { logger: withoutRepeats(logger), telemetry };
    },
    manager,
    stop: async () => {
      manager.release();
      await tracing.stop();
    },
  };
}

function createLogger(cli: Cli, options: LogOptions): Logger {
  const { terminal, io, flags } = cli;
  const level = options.logLevel ?? levelOf(cli.env) ?? (flags.quiet ? 'warn' : 'info');
  const secrets = secretsOf(readConfig(cli));
  if (formatOf(cli, options) === 'json') {
    return createJsonLogger({ level, secrets, write: (line) => void io.stderr.write(line) });
  }
  const human: Logger = {
    info: terminal.note,
    warn: (message) => {
      terminal.warn(`warning: ${message}`);
    },
    error: (message) => {
      terminal.warn(`error: ${message}`);
    },
  };
  return withLevel(human, level, secrets);
}

/** Lines for people where one looks at them, and for machines where they are collected. */
function formatOf({ io, env }: Cli, { logFormat }: LogOptions): 'human' | 'json' {
  const inEnvironment = env['SEALWATCH_LOG_FORMAT'] ?? '';
  const format = logFormat ?? inEnvironment;
  if (format === 'human' || format === 'json') return format;
  if (format !== '') throw new SealwatchError('USAGE', 'SEALWATCH_LOG_FORMAT must be human or json');
  return io.stderr.isTTY ? 'human' : 'json';
}

function levelOf(env: Cli['env']): LogLevel | undefined {
  const text = env['SEALWATCH_LOG_LEVEL'] ?? '';
  if (text === '') return undefined;
  const level = LOG_LEVELS.find((one) => one === text);
  if (level === undefined) throw new SealwatchError('USAGE', `SEALWATCH_LOG_LEVEL must be ${LOG_LEVELS.join(', ')}`);
  return level;
}
