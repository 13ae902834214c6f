export function confusables(): readonly (readonly [letters: string, latin: string])[];
export function asText(lines: readonly (readonly [letters: string, latin: string])[]): string;
