/** What the relay of the demo sends to, as the supervisor sees it. */
export interface Destination {
  /** What the demo creates there, and nothing but that is touched; `null` when that is nothing. */
  readonly belongings: string | null;
  /** Rejects when it cannot be reached. */
  check(): Promise<void>;
  /** Whether the consumer has dealt with everything that was delivered to here. */
  isDrained(): Promise<boolean>;
  /** Removes what was created there. */
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** A consumer that is called over HTTP: what was delivered has been dealt with. */
export const HTTP_DESTINATION: Destination = {
  belongings: null,
  check: async () => {},
  isDrained: async () => true,
  remove: async () => {},
  close: async () => {},
};
