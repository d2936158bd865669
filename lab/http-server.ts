/** The pod behind the Service on one node: an HTTP server that answers with the node's name. Arguments: node, address, port. */
import { createServer } from 'node:http';

const [node = '', address = '', port = ''] = process.argv.slice(2);

createServer((_request, response) => {
  // Every request shall be a connection of its own, so that each is placed anew.
  response.setHeader('Connection', 'close');
  response.end(`${node}\n`);
}).listen(Number(port), address);
