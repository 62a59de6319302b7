/** How to reach the OAuth2 part of a server. */
export interface ClientSettings {
  id: string;
  secret: string;
  /** The port on this machine that the browser comes back to. */
  redirectPort: number;
  /** Whether a browser is opened here; else its address is only told. */
  opensBrowser: boolean;
}

/** What a walk is to do. */
export interface Settings {
  /** Without a slash at its end. */
  baseUrl: string;
  token: string;
  client?: ClientSettings;
  /** Where deliveries arrive: a port of this machine, and the address by which it is reached. */
  hook?: { url?: string; port: number };
  /** Whether to wait for the second attempt of a delivery. */
  waitForRetry: boolean;
  /** How much faster than the guide says the server's schedule runs. */
  speed: number;
  /** Whether records may be made. */
  writes: boolean;
  /** How long an answer may take, in milliseconds. */
  timeoutMs: number;
}
