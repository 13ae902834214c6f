import type { ChangeRequest } from '../../model/change-request.js';
import { Layout } from './layout.js';
import { RequestHeading } from './request-heading.js';
import { SettledSection } from './settled-section.js';

/** Returns the page that says what was just decided. */
export function OutcomePage(props: { readonly request: ChangeRequest; readonly decision: 'approve' | 'reject' }) {
  const { request, decision } = props;
  return (
    <Layout title={decision === 'approve' ? 'Approved' : 'Rejected'}>
      <RequestHeading request={request} />
      <SettledSection request={request} />
    </Layout>
  );
}
