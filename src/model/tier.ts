/** How much a call of a tool may do, least first: it only looks; it changes something; or nobody can say that it does no harm. */
export const TIERS = ['read', 'write', 'dangerous'] as const;

export type Tier = (typeof TIERS)[number];

/** Which tools are of which tier. Names are patterns, in which `*` stands for any text; the most dangerous that matches counts. */
export interface TierSettings extends Readonly<Record<Tier, readonly string[]>> {
  /** Whether the approved annotations count for a tool that no list names; it is dangerous otherwise. */
  readonly annotations: 'approved' | 'ignored';
}
