import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { messageOf } from '../errors.js';
import type { Path, Problems } from './problems.js';

/** Returns the certificates in a PEM file; notes what is wrong with it otherwise. */
export function readPem(file: string, path: Path, problems: Problems): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    problems.add({ code: 'CONFIG_INVALID', path, message: `${file} holds no PEM certificate` });
  } catch (error) {
    problems.add({ code: 'CONFIG_UNREADABLE', path, message: `cannot read the certificate: ${messageOf(error)}` });
  }
  return undefined;
}

/** Returns the private key in a PEM file; notes what is wrong with it otherwise. */
export function readKey(file: string, path: Path, problems: Problems): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.add({ code: 'CONFIG_UNREADABLE', path, message: `cannot read the private key: ${messageOf(error)}` });
    return undefined;
  }
}
