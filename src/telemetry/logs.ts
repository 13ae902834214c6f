import { pino } from 'pino';

import { makeVisible } from '../quote.js';
import type { Logger } from '../ports.js';

/** From the least to the most that is written. */
export const LOG_LEVELS = ['error', 'warn', 'info'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Shorter values are words such as `true` or `production`; hiding them would only garble messages. */
const MIN_SECRET_LENGTH = 8;

/**
 * Returns a log of JSON lines: `level`, `time` (ISO 8601) and `msg`. Configured secrets are left out of messages, and what a reader
 * could not see is written as an escape.
 */
export function createJsonLogger(options: {
  readonly level: LogLevel;
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
}): Logger {
  const { level, write } = options;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const safe = hiding(options.secrets);
  return {
    info: (message) => {
      logger.info(safe(message));
    },
    warn: (message) => {
      logger.warn(safe(message));
    },
    error: (message) => {
      logger.error(safe(message));
    },
  };
}

/** Returns a log for people that leaves out what is below the level, and configured secrets. */
export function withLevel(logger: Logger, level: LogLevel, secrets: readonly string[]): Logger {
  const safe = hiding(secrets);
  const isOn = (other: LogLevel): boolean => LOG_LEVELS.indexOf(other) <= LOG_LEVELS.indexOf(level);
  return {
    info: (message) => {
      if (isOn('info')) logger.info(safe(message));
    },
    warn: (message) => {
      if (isOn('warn')) logger.warn(safe(message));
    },
    error: (message) => {
      logger.error(safe(message));
    },
  };
}

function hiding(secrets: readonly string[]): (message: string) => string {
  // The longest first: one may be part of another.
  const hidden = [...new Set(secrets)]
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (message) => makeVisible(hidden.reduce((shown, secret) => shown.replaceAll(secret, '[hidden]'), message));
}
