import { once, settle } from './once';
import { Refusal } from './refusal';
import { dropToken, token } from './session';
import { send, upload, type Answer, type Method } from './wire';

/** Lists come in pages. */
export interface Listed<T> {
  items: T[];
  next: string | null;
}

export function get<T>(path: string): Promise<T> {
  return ask<T>('GET', path);
}

export function put<T = void>(path: string, body: object): Promise<T> {
  return ask<T>('PUT', path, body);
}

export function patch<T = void>(path: string, body: object): Promise<T> {
  return ask<T>('PATCH', path, body);
}

export function remove(path: string): Promise<void> {
  return ask<void>('DELETE', path);
}

/**
 * Creates something. `deed` names what the person means to do: tried again after the network was lost, it carries the same
 * key, so that the server gives the first answer and does nothing twice.
 */
export async function post<T = void>(path: string, body: object, deed: string): Promise<T> {
  const key = once(deed);
  try {
    const made = await ask<T>('POST', path, body, key);
    settle(deed);
    return made;
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || !thrown.offline) settle(deed);
    throw thrown;
  }
}

/** Sends a photo; its id goes into the message that it belongs to. */
export async function postPhoto(file: string): Promise<string> {
  const answer = await signedIn(bearer => upload('/photos', file, bearer));
  return (accepted(answer) as { id: string }).id;
}

/** All pages of a list, up to a bound that nobody scrolls past. */
export async function list<T>(path: string, most = 200): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Listed<T> = await get<Listed<T>>(cursor ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : path);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor && all.length < most);
  return all;
}

async function ask<T>(method: Method, path: string, body?: object, idempotencyKey?: string): Promise<T> {
  return accepted(await signedIn(bearer => send(method, path, { token: bearer, body, idempotencyKey }))) as T;
}

// A token may be ended on the server before its time; then once with a new one.
async function signedIn(request: (bearer: string) => Promise<Answer>): Promise<Answer> {
  const first = await token();
  const answer = await request(first);
  if (answer.status !== 401) return answer;
  dropToken(first);
  return request(await token());
}

function accepted(answer: Answer): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw Refusal.of(answer.status, answer.body);
}
