/** The commands of `metallb`: one file each, and one line here. */
import type { Command } from 'commander';
import type { CommandContext } from '../io.ts';
import { controllerCommand } from './controller.ts';
import { decodeCommand } from './decode.ts';
import { documentCommand } from './document.ts';
import { lintCommand } from './lint.ts';
import { planCommand } from './plan.ts';
import { routerConfigCommand } from './router-config.ts';
import { speakerCommand } from './speaker.ts';

/** In the order of the help text. */
export const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  planCommand,
  lintCommand,
  decodeCommand,
  routerConfigCommand,
  documentCommand,
  speakerCommand,
  controllerCommand,
];
