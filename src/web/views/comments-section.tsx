import { makeVisible, makeVisibleLines } from '../../quote.js';
import { Age } from './age.js';
import type { RequestPageProps } from './request-page-props.js';

type Props = RequestPageProps & { readonly path: string };

/** Returns what people said about a request, and the form to add to it. */
export function CommentsSection({ opened, path, now }: Props) {
  const { comments, mayComment } = opened;
  if (comments.length === 0 && !mayComment) return null;
  return (
    <section aria-labelledby="comments">
      <h2 id="comments">Comments</h2>
      {comments.length === 0 ? null : (
        <ul class="plain-list">
          {comments.map(({ by, at, text }) => (
            <li>
              <p class="hint">
                <strong>{makeVisible(by)}</strong>, <Age iso={at} now={now} />
              </p>
              <p class="comment">{makeVisibleLines(text)}</p>
            </li>
          ))}
        </ul>
      )}
      {mayComment ? (
        <form method="post" action={`${path}/comments`}>
          <label for="text">Add a comment without deciding</label>
          <textarea id="text" name="text" rows={2} maxlength={2000} required />
          <div class="buttons">
            <button type="submit" class="plain">
              Add the comment
            </button>
          </div>
        </form>
      ) : null}
    </section>
  );
}
