/** Returns a point in time for people, with the exact one for machines. */
export function Moment(props: { readonly iso: string }) {
  const { iso } = props;
  return (
    <time datetime={iso}>
      {iso.slice(0, 10)} {iso.slice(11, 16)} UTC
    </time>
  );
}
