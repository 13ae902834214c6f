import type { ErrorCode } from '../../errors.js';
import type { Principal } from '../../model/principal.js';
import type { RequestPage } from '../../monitor/inbox.js';
import type { DiffLayout } from './change-section.js';
import type { Action } from './refusal-words.js';

/** What was just done on the page, where it went well. */
export type Done = 'decided' | 'waived';

/** What was sent and not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly action: Action;
}

/** What the page of one request is made from. */
export interface RequestPageProps {
  readonly basePath: string;
  readonly principal: Principal;
  readonly opened: RequestPage;
  readonly labels: Readonly<Record<string, string>>;
  readonly layout: DiffLayout;
  readonly now: Date;
  readonly done?: Done | undefined;
  /** Why what was just sent was not taken. */
  readonly refusal?: Refusal | undefined;
}
