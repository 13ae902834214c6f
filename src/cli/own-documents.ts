import type { ClientDocument, ClientDocuments } from './client-documents.js';

/**
 * Returns the documents without those of projects that somebody else owns, unless it is root; these are refused.
 *
 * Attack: a file in a shared folder above the one we work in, such as /tmp, names a server.
 */
export function ownDocuments({ documents, refused }: ClientDocuments, uid: number | undefined): ClientDocuments {
  const isOwn = ({ entries, read }: ClientDocument): boolean =>
    uid === undefined || [0, uid].includes(read.stats.uid) || entries.every(({ server }) => server.scope !== 'project');
  const foreign = documents.filter((one) => !isOwn(one));
  return {
    documents: documents.filter(isOwn),
    refused: [...refused, ...foreign.map(({ client, file }) => ({ client, file, why: 'it belongs to somebody else' }))],
  };
}
