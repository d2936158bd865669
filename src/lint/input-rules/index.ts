/** What the rules of reading the input (config/rules.ts has their severity and help) say of themselves. */
import type { InputRuleName } from '../../config/rules.ts';
import type { RuleDoc } from '../rule.ts';
import { ADVERTISEMENT_RULES } from './advertisements.ts';
import { FILE_RULES } from './files.ts';
import { PEER_RULES } from './peers.ts';
import { SHAPE_RULES } from './shape.ts';

/** Some rules, by their names in the catalogue. */
export type InputRuleDocs = Readonly<Partial<Record<InputRuleName, RuleDoc>>>;

/** All of them. */
export const INPUT_RULE_DOCS: ReadonlyMap<string, RuleDoc> = new Map(
  [FILE_RULES, SHAPE_RULES, PEER_RULES, ADVERTISEMENT_RULES].flatMap((docs) => Object.entries(docs)),
);
