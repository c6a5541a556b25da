/** A way by which messages come to the consumer, while it is open. */
export interface Receiving {
  /** Where the relay sends to. */
  readonly url: string;
  stop(): Promise<void>;
}
