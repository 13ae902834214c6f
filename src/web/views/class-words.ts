import type { ChangeClass } from '../../model/drift.js';

/** Returns what a change of each class is, in a few words. */
export const CLASS_NAMES: Readonly<Record<ChangeClass, string>> = {
  'hidden-text': 'hidden text',
  instruction: 'instructions to the model',
  identity: 'identity',
  capability: 'new ability',
  destination: 'destination',
  rename: 'rename',
  narrowing: 'narrowing',
  removal: 'removal',
  wording: 'wording',
  cosmetic: 'cosmetic',
};

/** Returns what a change of each class means for the agents that use the server, and what to look at before deciding. */
export const CLASS_MEANINGS: Readonly<Record<ChangeClass, string>> = {
  'hidden-text':
    'Text was added that people do not see and models read: invisible characters, or characters that reorder what is shown. There is hardly an honest reason for it. Reject it unless whoever runs the server can explain each character.',
  instruction:
    'The text tells the model what to do rather than what the definition does. A model obeys such text with the rights of whoever uses it: it can read files, call other tools and keep quiet about it. Read every added line as if it were an order to a colleague.',
  identity:
    'The server says something else about itself, gives other instructions, or comes from somewhere else than what was approved. An approval holds for one origin only. Make sure that whoever runs it meant this, and that it is still the same party.',
  capability:
    'It can do more, or takes more, than what was approved: a new definition, a new parameter, a wider schema, or a hint such as "read only" that no longer holds. Ask what an agent could now be made to do with it, and with which data.',
  destination:
    'An address, a path or a host in it changed, so data may go somewhere else. Check that the new destination belongs to whom you expect.',
  rename:
    'A definition vanished and a near-identical one with another name appeared. Rules and prompts that name the old one do not cover it, and a name like that of a trusted tool draws calls to itself.',
  narrowing: 'It accepts less than before. That is seldom harmful, and it can break agents that rely on what is gone.',
  removal: 'The server no longer has it. Agents that use it will fail; nothing else can happen.',
  wording:
    'The text changed and no rule found anything in it. Models read it all the same: read the added words, a changed meaning is up to you to notice.',
  cosmetic: 'It differs only where no model and no program takes notice.',
};
