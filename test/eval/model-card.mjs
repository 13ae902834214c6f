// The text of data/learned-model.md.

/** Returns the model card. */
export function modelCard({ attacks, honest, families, folds, threshold, digest, seed }) {
  const sizeOf = (family) => attacks.filter((one) => one.family === family).length;
  const share = ({ size, found }) => `${((100 * found) / size).toFixed(0)} %`;
  const isOurs = ({ family }) => family.startsWith('own');
  const published = families.filter((one) => !isOurs(one) && one.family !== 'generated');
  const found = published.reduce((sum, one) => sum + one.found, 0);
  const all = published.reduce((sum, one) => sum + one.size, 0);
  return `# The learned model

A logistic regression over words, parts of words in other scripts, the signals in \`rules/signals/\` and pairs of them. It looks at each sentence
of a definition, and at each two in a row, and is meant for what rules have no words for: quiet directives that a tool's purpose does not need.
What it finds is a finding of its own, \`learned-model\`, of medium severity and low confidence. It never blocks.

- **Made by** \`npm run train -- --corpus DIR\` from the seed ${seed}; the same data gives the same bytes. SHA-256 of \`learned-model.json\`:
  \`${digest}\`
- **Size**: 8 bits a weight, no code, nothing downloaded.
- **Threshold**: ${threshold.toFixed(2)}, where ${(100 * 0.005).toFixed(1)} % of the honest definitions of npm packages that were left out are taken for attacks
  (mean over ${folds.length} folds of ${folds.map(({ definitions }) => definitions).join(', ')} definitions).

## Data

| | texts | source, licence |
|---|---|---|
| published attacks, ${published.length} families | ${all} | public repositories, MIT, Apache-2.0 or CC-BY; not part of this project |
| attacks in our own words | ${attacks.filter(isOurs).length} | \`test/eval/own/attacks*.txt\`, this project's |
| attacks put together from parts | ${sizeOf('generated')} | \`test/eval/own/grammar.mjs\`, this project's |
| honest definitions | ${honest.length} | public servers and npm packages, and \`test/eval/own/honest*.txt\` |

The validation families and every third npm package are in none of it.

## What it finds of families that it was not trained on

Trained on all other families, with the threshold above. Rules are not counted.

| family | texts | found |
|---|---|---|
${families.map((one) => `| ${one.family} | ${one.size} | ${share(one)} |`).join('\n')}
| **published, together** | ${all} | ${share({ size: all, found })} |

## Limits

- It knows how published attacks and ours are worded. Somebody who reads this can word another.
- It looks at sentences, and knows nothing of what a tool is for.
- Languages other than English are known by their signals, and by few examples.
`;
}
