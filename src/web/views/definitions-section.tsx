import type { DefinitionStanding, ServerDetail } from '../../monitor/server-detail.js';
import { maskSecrets } from '../../render/mask-secrets.js';
import { oneLine } from '../../render/one-line.js';
import { definitionName } from '../../render/summarise-change.js';
import { comparePath } from './compare-path.js';
import { VERDICT_NAMES } from './server-words.js';

interface Props {
  readonly server: ServerDetail;
  readonly basePath: string;
}

/** Returns the definitions of a server with their verdicts and versions. */
export function DefinitionsSection(props: Props) {
  const { definitions } = props.server;
  if (definitions.length === 0) return null;
  return (
    <section aria-labelledby="definitions">
      <h2 id="definitions">Definitions</h2>
      <table class="cards definitions" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Definition
            </th>
            <th scope="col" role="columnheader">
              Verdict
            </th>
            <th scope="col" role="columnheader">
              Versions
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {definitions.map((definition) => (
            <Row {...props} definition={definition} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ definition, server, basePath }: Props & { readonly definition: DefinitionStanding }) {
  const { ref, refText, verdict, change, versions, version } = definition;
  return (
    <tr role="row">
      <th scope="row" role="rowheader" dir="ltr">
        {definitionName(ref)}
      </th>
      <td role="cell" data-label="Verdict">
        {verdict === undefined ? (
          <span class="tag">{version === undefined ? 'gone' : 'not judged'}</span>
        ) : (
          <span class={`tag ${verdict}`}>{VERDICT_NAMES[verdict]}</span>
        )}
        {change === undefined ? null : (
          <>
            {' '}
            <span class={`urgency ${change.urgency}`}>{change.class}</span>
          </>
        )}
        <Reasons definition={definition} />
      </td>
      <td role="cell" data-label="Versions">
        {versions === 0 ? (
          'none seen'
        ) : (
          <a
            href={comparePath(basePath, server.id, refText)}
            aria-label={`${versionsText(versions)} of ${definitionName(ref)}`}
          >
            {versionsText(versions)}
          </a>
        )}
      </td>
    </tr>
  );
}

/** Why it is not simply allowed. Reasons quote what a server wrote already. */
function Reasons({ definition }: { readonly definition: DefinitionStanding }) {
  const { verdict, reasons, change } = definition;
  const told = verdict === 'allow' ? [] : reasons.map(({ message }) => message);
  const texts = change === undefined ? told : [...told, change.because];
  if (texts.length === 0) return null;
  return (
    <ul class="reasons">
      {texts.map((text) => (
        <li>{maskSecrets(oneLine(text))}</li>
      ))}
    </ul>
  );
}

function versionsText(count: number): string {
  return count === 1 ? '1 version' : `${count} versions`;
}
