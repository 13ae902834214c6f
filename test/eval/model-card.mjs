// The text of data/learned-model.md.

/** Returns the model card. */
export function modelCard({ attacks, honest, families, thresholds, digest, seed }) {
  const sizeOf = (family) => attacks.filter((one) => one.family === family).length;
  const share = ({ size, found }) => (size === 0 ? '' : `${((100 * found) / size).toFixed(0)} %`);
  const kindOf = (kind) => honest.filter((one) => one.kind === kind).length;
  const isOurs = ({ family }) => family.startsWith('own');
  const published = families.filter((one) => !isOurs(one) && one.family !== 'generated');
  const found = published.reduce((sum, one) => sum + one.found, 0);
  const all = published.reduce((sum, one) => sum + one.size, 0);
  const ours = families.filter(isOurs);
  const sumOf = (key) => ours.reduce((sum, one) => sum + one[key], 0);
  return `# The learned model

A logistic regression over words, pairs of words in a row, parts of words in other scripts, the signals in \`rules/signals/\` and pairs of them. It looks at each sentence
of a definition, and at each two in a row, and is meant for what rules have no words for: quiet directives that a tool's purpose does not need.
What it finds is a finding of its own, \`learned-model\`, of medium severity and low confidence. It never blocks.

- **Made by** \`npm run train -- --corpus DIR\` from the seed ${seed}; the same data gives the same bytes. SHA-256 of \`learned-model.json\`:
  \`${digest}\`
- **Size**: 8 bits a weight, no code, nothing downloaded.
- **Thresholds**: ${thresholds.map((one) => one.toFixed(2)).join(', ')} for passages of up to 80, 180, 350 and more letters, where most is found while
  at most 0.3 % of the honest definitions of servers and npm packages that were left out are taken for attacks.

## Data

| | texts | source, licence |
|---|---|---|
| published attacks, ${published.length} families | ${all} | public repositories, MIT, Apache-2.0 or CC-BY; not part of this project |
| attacks in our own words | ${attacks.filter(isOurs).length} | \`test/eval/own/attacks*.txt\`, this project's |
| attacks put together from parts | ${sizeOf('generated')} | \`test/eval/own/grammar.mjs\`, this project's |
| honest definitions | ${kindOf('published') + kindOf('real')} | public servers and npm packages; not part of this project |
| honest texts in our own words | ${kindOf('own')} | \`test/eval/own/honest*.txt\`, this project's |
| paragraphs of documentation | ${kindOf('documentation')} | READMEs and type declarations of the packages in \`package-lock.json\`; not part of this project |

The validation families and every third npm package are in none of it.

## What it finds of families that it was not trained on

Trained on other families, an eighth of them left out at a time, with the thresholds above. Rules are not counted. The last two columns are honest texts
that the same author wrote to look like the attacks.

| family | texts | found | honest | taken for attacks |
|---|---|---|---|---|
${families.map((one) => `| ${one.family} | ${one.size} | ${share(one)} | ${one.honest} | ${share({ size: one.honest, found: one.alarms })} |`).join('\n')}
| **published, together** | ${all} | ${share({ size: all, found })} | | |
| **our own, together** | ${sumOf('size')} | ${share({ size: sumOf('size'), found: sumOf('found') })} | ${sumOf('honest')} | ${share({ size: sumOf('honest'), found: sumOf('alarms') })} |

## Limits

- It knows how published attacks and ours are worded. Somebody who reads this can word another.
- It looks at sentences, and knows nothing of what a tool is for.
- Languages other than English are known by their signals, and by few examples.
`;
}
