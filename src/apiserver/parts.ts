/** The parts that judge, merge and print, as the server is meant to run: tests of what is around them may hand in plainer ones. */
import type { Parts } from './api-server.ts';
import { fieldApplier } from './apply/applier.ts';
import { ResourceDiscovery } from './discovery/discovery.ts';
import { schemaValidator } from './schema/validator.ts';
import { tablePrinter } from './table/printer.ts';

export const PARTS: Parts = {
  validator: schemaValidator,
  applier: fieldApplier,
  printer: tablePrinter,
  discovery: (resources) => new ResourceDiscovery(resources),
};
