interface Holder {
  token: string;
  /** By the database's clock. */
  expiresAtMs: number;
  released: boolean;
  wanted: boolean;
}

/** Who holds which partitions of a model database. */
export class Leases {
  readonly #holders: Holder[];
  /** When the leases of tokens end if clocks cannot jump: what a relay with a monotonic clock may rely on. */
  readonly #ends = new Map<string, number>();
  readonly #databaseMs: () => number;
  readonly #worldMs: () => number;

  constructor(partitions: number, databaseMs: () => number, worldMs: () => number) {
    this.#databaseMs = databaseMs;
    this.#worldMs = worldMs;
    const nobody = { token: '', expiresAtMs: 0, released: true, wanted: false };
    this.#holders = Array.from({ length: partitions }, () => ({ ...nobody }));
  }

  /** Partitions that may be taken. */
  vacant(): number[] {
    const now = this.#databaseMs();
    return this.#indexes((holder) => holder.released || holder.expiresAtMs <= now);
  }

  take(partitions: readonly number[], token: string, leaseMs: number): void {
    const expiresAtMs = this.#databaseMs() + leaseMs;
    for (const partition of partitions) {
      this.#holders[partition] = { token, released: false, wanted: false, expiresAtMs };
    }
    // What is added to a lease does not prolong the rest of it.
    if (!this.#ends.has(token)) this.#ends.set(token, this.#worldMs() + leaseMs);
  }

  free(partitions: readonly number[]): void {
    for (const partition of partitions) this.#of(partition).released = true;
  }

  /** All of the partitions get a new end, or none does. */
  renew(partitions: readonly number[], token: string, leaseMs: number): boolean {
    if (!partitions.every((partition) => this.isHeldBy(partition, token))) return false;
    for (const partition of partitions) this.#of(partition).expiresAtMs = this.#databaseMs() + leaseMs;
    this.#ends.set(token, this.#worldMs() + leaseMs);
    return true;
  }

  /** Not released, and not taken over; the end may have passed. */
  heldBy(token: string): number[] {
    return this.#indexes((holder) => holder.token === token && !holder.released);
  }

  isHeldBy(partition: number, token: string): boolean {
    const holder = this.#of(partition);
    return holder.token === token && !holder.released;
  }

  /** Whether nobody has taken over since: what lets a settle pass. */
  isCurrent(partition: number, token: string): boolean {
    return this.#of(partition).token === token;
  }

  /** Whether the lease lasts by a clock that does not jump, and was not given back. */
  lasts(token: string): boolean {
    return (this.#ends.get(token) ?? 0) > this.#worldMs();
  }

  /** The token will not be used again. */
  end(token: string): void {
    this.#ends.delete(token);
  }

  want(partition: number): void {
    this.#of(partition).wanted = true;
  }

  isWanted(token: string): boolean {
    return this.heldBy(token).some((partition) => this.#of(partition).wanted);
  }

  forgetWanted(token: string): void {
    for (const partition of this.#indexes((holder) => holder.token === token))
      this.#of(partition).wanted = false;
  }

  #of(partition: number): Holder {
    return this.#holders[partition] as Holder;
  }

  #indexes(accept: (holder: Holder) => boolean): number[] {
    return this.#holders.flatMap((holder, index) => (accept(holder) ? [index] : []));
  }
}
