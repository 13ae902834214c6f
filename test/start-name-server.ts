import { createSocket } from 'node:dgram';
import dns, { type LookupAddress, Resolver } from 'node:dns';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

/** A name server that everything in this process asks. */
export interface NameServer {
  /** The names that were asked for, each as often as it was. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a name server, which answers with the IPv4 addresses that it is told, and has `dns.lookup` ask it (over UDP, without a
 * cache) in place of the system.
 */
export async function startNameServer(addressesOf: (name: string) => readonly string[]): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, end } = readQuestion(query);
    asked.push(name);
    socket.send(answer(query.subarray(0, end), addressesOf(name)), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  const before = dns.lookup;
  dns.lookup = lookupBy(resolver, before) as typeof dns.lookup;
  syncBuiltinESMExports();
  return {
    asked,
    close: async () => {
      dns.lookup = before;
      syncBuiltinESMExports();
      socket.close();
      await once(socket, 'close');
    },
  };
}

type Answered = (error: Error | null, found: readonly LookupAddress[]) => void;

function lookupBy(resolver: Resolver, system: typeof dns.lookup) {
  return (host: string, options: object, answered: Answered): void => {
    // No name, as where something listens: nobody is asked.
    if (isIP(host) !== 0) {
      system(host, options as never, answered as never);
      return;
    }
    resolver.resolve4(host, (error, found) => {
      answered(error, error === null ? found.map((address) => ({ address, family: 4 })) : []);
    });
  };
}

/** RFC 1035, section 4.1: a header of twelve bytes, then the name as labels with their lengths. */
function readQuestion(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 5 };
}

/** The question again, then one record of type A for each address, which holds for no second. */
function answer(question: Buffer, addresses: readonly string[]): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const records = addresses.map((address) =>
    Buffer.concat([Buffer.from('c00c00010001000000000004', 'hex'), Buffer.from(address.split('.').map(Number))]),
  );
  return Buffer.concat([head, ...records]);
}
