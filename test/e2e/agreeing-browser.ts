import { browse } from '../local/attro/sign-in.ts';

/** A browser whose user agrees: opens the address that it is given, and where that leads in the end. */

const [address = ''] = process.argv.slice(2);
const end = await browse({ baseUrl: new URL(address).origin }, address);
await fetch(end instanceof URL ? end : end.url);
