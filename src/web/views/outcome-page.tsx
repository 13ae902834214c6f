import type { ChangeRequest } from '../../model/change-request.js';
import type { Principal } from '../../model/principal.js';
import { Layout } from './layout.js';
import { RequestHeading } from './request-heading.js';
import { SettledSection } from './settled-section.js';

interface Props {
  readonly request: ChangeRequest;
  readonly basePath: string;
  readonly principal: Principal | undefined;
}

/** Returns the page that says what was just decided: where two persons are needed, the first one's approval settles nothing yet. */
export function OutcomePage({ request, basePath, principal }: Props) {
  return (
    <Layout title={TITLE[request.state]} site={{ basePath }} principal={principal}>
      <RequestHeading request={request} />
      <SettledSection request={request} />
    </Layout>
  );
}

const TITLE: Readonly<Record<ChangeRequest['state'], string>> = {
  open: 'Waits for another person',
  approved: 'Approved',
  rejected: 'Rejected',
  superseded: 'Superseded',
  withdrawn: 'Withdrawn',
};
