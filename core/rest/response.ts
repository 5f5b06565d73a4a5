/** Status and headers of an answer. */
export interface ResponseOptions {
  /** Default 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/**
 * An answer before it is rendered: DRF's `Response`. A handler may as well return the data alone, which is a 200.
 *
 * @example `return new Response({ id: 3 }, { status: 201, headers: { Location: "/orders/3/" } });`
 */
export class Response {
  readonly data: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param data What is rendered; undefined or null for an answer without a body. */
  constructor(data?: unknown, options: ResponseOptions = {}) {
    this.data = data;
    this.status = options.status ?? 200;
    this.headers = options.headers ?? {};
  }
}
