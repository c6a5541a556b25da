/** Reads the fields of a message of the replication protocol, in network byte order, one after the other. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.#buffer.length - this.#at;
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#move(1));
  }

  /** One byte as the letter it stands for. */
  letter(): string {
    return String.fromCharCode(this.byte());
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#move(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#move(4));
  }

  uint64(): bigint {
    return this.#buffer.readBigUInt64BE(this.#move(8));
  }

  /** A text that ends with a zero byte. */
  text(): string {
    const start = this.#at;
    const end = this.#buffer.indexOf(0, start);
    this.#at = end + 1;
    return this.#buffer.toString('utf8', start, end);
  }

  /** So many bytes, which stay part of the buffer. */
  bytes(count: number): Buffer {
    const start = this.#move(count);
    return this.#buffer.subarray(start, start + count);
  }

  #move(count: number): number {
    const at = this.#at;
    if (at + count > this.#buffer.length) throw new RangeError('A message of the log ends too early.');
    this.#at += count;
    return at;
  }
}
