import { Refusal } from './refusal';
import { send } from './wire';

export type SessionState = 'visitor' | 'member';

interface Session {
  accessToken: string;
  refreshToken: string;
  state: SessionState;
  until: number;
}

interface SessionAnswer {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  state: SessionState;
}

const key = 'session';
const early = 60_000;

let opening: Promise<Session> | null = null;

/** A token that still works. Pages that load at once share one sign-in. */
export async function token(): Promise<string> {
  const known = stored();
  if (known && known.until > Date.now()) return known.accessToken;
  opening ??= open(known).finally(() => (opening = null));
  return (await opening).accessToken;
}

/** Whether this person is a member; a phone number makes one of a visitor. */
export function sessionState(): SessionState {
  return stored()?.state ?? 'visitor';
}

/** Forgets a token that the server no longer takes. */
export function dropToken(refused: string): void {
  const known = stored();
  if (known?.accessToken === refused) wx.setStorageSync(key, { ...known, until: 0 });
}

/** After a phone number was given: the same session now speaks for a member. */
export function becomeMember(): void {
  const known = stored();
  if (known) wx.setStorageSync(key, { ...known, state: 'member', until: 0 });
}

/** Signs out on this phone. */
export async function signOut(): Promise<void> {
  const known = stored();
  wx.removeStorageSync(key);
  if (known) await send('DELETE', '/session', { token: known.accessToken });
}

function stored(): Session | null {
  return (wx.getStorageSync(key) as Session | '') || null;
}

async function open(known: Session | null): Promise<Session> {
  if (known) {
    const renewed = await send('POST', '/session/refresh', { body: { refreshToken: known.refreshToken } });
    if (renewed.status === 200) return keep(renewed.body as SessionAnswer);
    if (renewed.status >= 500) throw Refusal.of(renewed.status, renewed.body);
  }

  const answer = await send('POST', '/session', { body: { code: await code() } });
  if (answer.status !== 200) throw Refusal.of(answer.status, answer.body);
  return keep(answer.body as SessionAnswer);
}

function keep(answer: SessionAnswer): Session {
  const session = { accessToken: answer.accessToken, refreshToken: answer.refreshToken, state: answer.state, until: Date.now() + answer.expiresIn * 1000 - early };
  wx.setStorageSync(key, session);
  return session;
}

function code(): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.login({ success: login => resolve(login.code), fail: () => reject(Refusal.offline()) });
  });
}
