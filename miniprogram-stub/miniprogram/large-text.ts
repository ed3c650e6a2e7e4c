import type { Shared } from './app';

const key = 'large-text';

export function readLarge(): boolean {
  return wx.getStorageSync(key) === true;
}

/** Turns large text on or off for every page at once; the phone remembers it, also without a sign-in. */
export function writeLarge(on: boolean): void {
  wx.setStorageSync(key, on);
  share({ large: on ? 'large' : '' });
}

export function shared(): Shared {
  return getApp<{ globalData: Shared }>().globalData;
}

/** Changes what all pages share, and tells those who watch. */
export function share(change: Partial<Pick<Shared, 'large' | 'unread'>>): void {
  const all = shared();
  Object.assign(all, change);
  all.watchers.forEach(tell => tell());
}
