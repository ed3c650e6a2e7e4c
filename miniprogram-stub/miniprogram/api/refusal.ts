/** Why something did not happen, in words for the person: the server's own, or ours when it was not reached. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
  ) {
    super(title);
  }

  /** Nobody answered, so nobody knows whether it was done: the same request may be sent again. */
  get offline(): boolean {
    return this.status === 0;
  }

  static of(status: number, body: unknown): Refusal {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as { code?: string; title?: string };
    return new Refusal(status, problem.code ?? `http_${status}`, problem.title ?? (status >= 500 ? '系统正忙，请稍后再试' : '没有成功，请稍后再试'));
  }

  static offline(): Refusal {
    return new Refusal(0, 'offline', '网络连接不上，请检查网络后再试');
  }

  /** What to show of anything that was thrown. */
  static words(thrown: unknown): string {
    return thrown instanceof Refusal ? thrown.title : '没有成功，请稍后再试';
  }
}
