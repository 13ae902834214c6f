import type { Store } from '../ports.js';
import { deleteApiToken, loadApiTokens, principalOfToken, saveApiToken } from './api-tokens.js';
import { deleteApprover, loadApprovers, nameOfSession, nameOfToken, saveApprover, saveBrowser } from './approvers.js';
import { deleteSession, principalOfSession, saveSession, saveUse } from './sessions.js';
import type { Transactions } from './transactions.js';

/** Returns what the store knows of people: approvers and their browsers, who is signed in, and tokens. */
export function peopleMethods({
  read,
  write,
  clock,
}: Transactions): Pick<
  Store,
  | 'addApprover'
  | 'listApprovers'
  | 'removeApprover'
  | 'findApproverByToken'
  | 'enrolBrowser'
  | 'findApproverBySession'
  | 'openSession'
  | 'findSession'
  | 'touchSession'
  | 'endSession'
  | 'addApiToken'
  | 'listApiTokens'
  | 'removeApiToken'
  | 'findApiToken'
> {
  return {
    addApprover: (approver) => write((writing) => saveApprover(writing, approver)),
    listApprovers: () => read((reading) => loadApprovers(reading, clock.now().toISOString())),
    removeApprover: (name, at, by) => write((writing) => deleteApprover(writing, name, at, by)),
    findApproverByToken: (tokenHash) => read((reading) => nameOfToken(reading, tokenHash)),
    enrolBrowser: (enrolment) => write((writing) => saveBrowser(writing, enrolment)),
    findApproverBySession: (sessionHash, now) => read((reading) => nameOfSession(reading, sessionHash, now)),

    openSession: (session) => write((writing) => saveSession(writing, session)),
    findSession: (hash, now, idleSince) => read((reading) => principalOfSession(reading, hash, now, idleSince)),
    touchSession: (hash, at) => write(({ rows }) => saveUse(rows, hash, at)),
    endSession: (hash, at) => write((writing) => deleteSession(writing, hash, at)),

    addApiToken: (token) => write((writing) => saveApiToken(writing, token)),
    listApiTokens: () => read((reading) => loadApiTokens(reading)),
    removeApiToken: (name, at, by) => write((writing) => deleteApiToken(writing, name, at, by)),
    findApiToken: (hash, now) => read((reading) => principalOfToken(reading, hash, now)),
  };
}
