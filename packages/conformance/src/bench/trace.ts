const KEPT = 12;

/** The last calls of a clause, and those still under way, so that a failure tells what led to it. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #open = new Map<number, string>();
  #calls = 0;
  #adapters = 0;

  /** The last calls, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Calls that have not been answered. */
  get unanswered(): readonly string[] {
    return [...this.#open.values()];
  }

  note(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  /** Records every call of an adapter and of its facets; values pass untouched. */
  around<A extends object>(adapter: A, kind: string): A {
    return this.#wrap(adapter, `${kind} ${++this.#adapters}: `) as A;
  }

  #wrap(target: object, prefix: string): object {
    const copy: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(target)) {
      if (typeof value === 'function') copy[name] = this.#record(target, value as Call, `${prefix}${name}`);
      else if (isFacet(value)) copy[name] = this.#wrap(value, `${prefix}${name}.`);
      else copy[name] = value;
    }
    return copy;
  }

  #record(target: object, call: Call, name: string): Call {
    return (...args) => {
      const number = ++this.#calls;
      this.#open.set(number, `${name}(${brief(args)})`);
      const done = (outcome: string): void => {
        this.note(`${this.#open.get(number)} → ${outcome}`);
        this.#open.delete(number);
      };
      try {
        const value = call.apply(target, args);
        if (!(value instanceof Promise)) done(summary(value));
        else
          value.then(
            (answer: unknown) => done(summary(answer)),
            (error: unknown) => done(String(error)),
          );
        return value;
      } catch (error) {
        done(String(error));
        throw error;
      }
    };
  }
}

type Call = (...args: unknown[]) => unknown;

/** Facets hold nothing but methods; capabilities and limits hold none. */
function isFacet(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((it) => typeof it === 'function')
  );
}

/** Numbers, short texts and sizes: never what a message holds. */
function brief(args: readonly unknown[]): string {
  return args
    .map(summary)
    .filter((text) => text !== '…')
    .join(', ');
}

function summary(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value.length < 32 ? value : `${value.slice(0, 6)}…`;
  if (Array.isArray(value)) return arraySummary(value);
  if (typeof value !== 'object') return '…';
  const { token, relay, settled, alreadySettled, lost, unknown, lease } = value as Record<string, unknown>;
  if (typeof settled === 'number' && Array.isArray(lost) && Array.isArray(alreadySettled))
    return `settled ${settled}, already ${alreadySettled.length}, lost ${lost.length}, unknown ${Array.isArray(unknown) ? unknown.length : '?'}`;
  if (lease !== undefined) return 'a renewed lease';
  if (typeof token !== 'string') return settlementSummary(value);
  return typeof relay === 'string' ? `${relay}, token ${token.slice(0, 6)}` : `lease ${token.slice(0, 6)}`;
}

function arraySummary(values: readonly unknown[]): string {
  const ids = values
    .map((value) => (value as { id?: unknown } | null)?.id)
    .filter((id) => typeof id === 'string');
  if (ids.length === 0 || ids.length > 6) return `${values.length} item${values.length === 1 ? '' : 's'}`;
  return ids.join(' ');
}

function settlementSummary(value: object): string {
  const parts = Object.entries(value)
    .filter(([, list]) => Array.isArray(list) && list.length > 0)
    .map(([name, list]) => `${name} ${(list as unknown[]).length}`);
  return parts.length === 0 ? '…' : parts.join(', ');
}
