/** A page as the server sends it. */
export interface Page<T> {
  data: T[];
  /** Where the next page begins; null on the last. */
  next_cursor: string | null;
}

/**
 * A list that fetches its pages as they are needed.
 *
 *     for await (const order of client.orders.list({ status: "pending" })) …   // every one
 *     const page = await client.orders.list({ limit: 50 });                     // the first page
 */
export class List<T> implements AsyncIterable<T>, PromiseLike<Page<T>> {
  constructor(private readonly fetchPage: (cursor: string | undefined) => Promise<Page<T>>) {}

  then<A = Page<T>, B = never>(
    fulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.fetchPage(undefined).then(fulfilled, rejected);
  }

  /** One page after the other. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.fetchPage(cursor);
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** All of it, or the first `atMost`. */
  async toArray(atMost = Number.POSITIVE_INFINITY): Promise<T[]> {
    const all: T[] = [];
    if (atMost <= 0) return all;
    for await (const one of this) {
      all.push(one);
      if (all.length >= atMost) break;
    }
    return all;
  }
}
