import type { PreviewServer } from 'vite';

/** The port that a server of Vite's was given. */
export function portOf(server: PreviewServer): number {
  const address = server.httpServer.address();
  if (typeof address !== 'object' || address === null) throw new Error('The local server did not start.');
  return address.port;
}
