export declare function disagreement(
  text: string,
  tools: {
    readonly parseJson: (text: string, options: { readonly maxDepth: number }) => { readonly value: unknown };
    readonly canonicalize: (value: never) => string;
    readonly reference: (value: unknown) => unknown;
  },
): string | undefined;
