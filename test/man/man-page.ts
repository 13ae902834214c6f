import { describeProgram, type DescribedCommand } from '../../src/cli/completion/describe-program.js';
import { createProgram } from '../../src/cli/program.js';

let written = '';
const output = { write: (text: string) => (written += text) };
const program = await createProgram({ stdout: output, stderr: output }, () => () => () => Promise.resolve());

/** Returns the man page, section 1, from what the commands say of themselves. It has no date, so that it changes only with them. */
export function manPage(version: string): string {
  written = '';
  const [whole, ...commands] = describeProgram(program);
  if (whole === undefined) throw new Error('the program describes nothing');
  /** What a command adds to its help: commander keeps it nowhere else. */
  const afterHelp = ({ command }: DescribedCommand): string => {
    written = '';
    command.outputHelp();
    return written.slice(command.helpInformation().length).trim();
  };
  return [
    `.\\" Written by "npm run man" from the program's own help.`,
    `.TH SEALWATCH 1 "" "sealwatch ${version}"`,
    '.SH NAME',
    `sealwatch \\- ${roff('watches what MCP servers tell a model')}`,
    '.SH SYNOPSIS',
    `.B sealwatch\n${roff(whole.command.usage())}`,
    '.SH DESCRIPTION',
    roff(whole.description),
    '.SH OPTIONS',
    'These may stand behind every command.',
    ...optionLines(whole),
    '.SH COMMANDS',
    ...commands
      .filter(({ subcommands }) => subcommands.length === 0)
      .flatMap((one) => [
        `.SS sealwatch ${roff(`${one.words} ${one.command.usage()}`)}`,
        roff(sentence(one.description)),
        ...argumentLines(one),
        ...optionLines(one),
        ...preformatted(afterHelp(one)),
      ]),
    '.SH EXIT STATUS',
    roff(afterHelp(whole).replace('Exit codes: ', '')),
    '.SH FILES',
    '.TP\n.I sealwatch.yaml\nThe configuration, in the working directory or in a parent of it.',
    '.TP\n.I .sealwatch\nThe state directory beside it, where the configuration names no other.',
    '',
  ].join('\n');
}

function optionLines({ command }: DescribedCommand): readonly string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => `.TP\n.B ${roff(option.flags)}\n${roff(command.createHelp().optionDescription(option))}`);
}

function argumentLines({ command }: DescribedCommand): readonly string[] {
  return command.registeredArguments
    .filter(({ description }) => description !== '')
    .map((one) => `.TP\n.I ${roff(one.name())}\n${roff(command.createHelp().argumentDescription(one))}`);
}

function preformatted(text: string): readonly string[] {
  return text === '' ? [] : ['.PP', '.nf', roff(text), '.fi'];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A line that begins with a dot or a quote would be a request; a plain minus could be set as a hyphen, which cannot be pasted. */
function roff(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(
      /[^\x00-\x7f]/gu,
      (letter) => `\\[u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`);
}
