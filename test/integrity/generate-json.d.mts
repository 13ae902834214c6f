export declare function generateJson(seed: number): string;
