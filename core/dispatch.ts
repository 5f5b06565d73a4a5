// django.dispatch: decoupled parts tell each other that something happened.

/** Called with what was sent; awaited before the next receiver. */
export type Receiver<Payload> = (payload: Payload) => unknown;

/** How a receiver is connected. */
export interface ConnectOptions {
  /** Only events of this sender reach the receiver; without it, those of every sender. */
  sender?: unknown;
  /** A name that makes connecting idempotent, for modules that may be loaded twice. */
  dispatchUid?: string;
}

interface Connection<Payload> extends ConnectOptions {
  receiver: Receiver<Payload>;
}

/** A receiver and what became of it in {@link Signal.sendRobust}. */
export type RobustResult<Payload> = { receiver: Receiver<Payload>; value?: unknown; error?: unknown };

/**
 * An event that others may listen to, `django.dispatch.Signal`.
 *
 * Receivers are called in the order they were connected, each awaited before the next; a receiver connected while the
 * signal is being sent hears the next one. Unlike Django's, receivers are held strongly: nothing vanishes by itself.
 *
 * @example
 * const orderPaid = new Signal<{ orderId: number }>();
 * orderPaid.connect(({ orderId }) => sendReceipt(orderId), { dispatchUid: "receipt" });
 * await orderPaid.send({ orderId: 7 });
 */
export class Signal<Payload = void> {
  #connections: readonly Connection<Payload>[] = [];

  /** True where someone listens, so that a sender can skip the work of building a payload. */
  get hasListeners(): boolean {
    return this.#connections.length > 0;
  }

  /** True where someone listens to what this sender sends. */
  hasListenersFor(sender: unknown): boolean {
    return this.#connections.some((known) => known.sender === undefined || known.sender === sender);
  }

  /** Adds a receiver; the same receiver and sender, or the same `dispatchUid` and sender, is added once. */
  connect(receiver: Receiver<Payload>, options: ConnectOptions = {}): void {
    if (this.#connections.some((known) => isSame(known, receiver, options))) return;
    this.#connections = [...this.#connections, { receiver, ...options }];
  }

  /** Removes a receiver, by itself or by its `dispatchUid`; tells whether it was there. */
  disconnect(receiver: Receiver<Payload> | undefined, options: ConnectOptions = {}): boolean {
    const kept = this.#connections.filter((known) => !isSame(known, receiver, options));
    const found = kept.length < this.#connections.length;
    this.#connections = kept;
    return found;
  }

  /** Calls every receiver in order; the first error stops and reaches the sender. */
  async send(payload: Payload, sender?: unknown): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const receiver of this.#receiversOf(sender)) values.push(await receiver(payload));
    return values;
  }

  /** Calls every receiver in order; an error is reported in its place and stops nobody. */
  async sendRobust(payload: Payload, sender?: unknown): Promise<RobustResult<Payload>[]> {
    const results: RobustResult<Payload>[] = [];
    for (const receiver of this.#receiversOf(sender)) {
      try {
        results.push({ receiver, value: await receiver(payload) });
      } catch (error) {
        results.push({ receiver, error });
      }
    }
    return results;
  }

  #receiversOf(sender: unknown): Receiver<Payload>[] {
    return this.#connections
      .filter((known) => known.sender === undefined || known.sender === sender)
      .map((known) => known.receiver);
  }
}

function isSame<Payload>(
  known: Connection<Payload>,
  receiver: Receiver<Payload> | undefined,
  { sender, dispatchUid }: ConnectOptions,
): boolean {
  if (known.sender !== sender) return false;
  return dispatchUid === undefined
    ? known.receiver === receiver && known.dispatchUid === undefined
    : known.dispatchUid === dispatchUid;
}
