const prefix = 'once:';

/** The key under which this deed is asked for. It stays the same, also after the mini-program was closed, until the deed is settled. */
export function once(deed: string): string {
  const known = wx.getStorageSync(prefix + deed) as string;
  if (known) return known;
  const made = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}-${Math.random().toString(36).slice(2, 12)}`;
  wx.setStorageSync(prefix + deed, made);
  return made;
}

/** The server has answered: the next time is another deed. */
export function settle(deed: string): void {
  wx.removeStorageSync(prefix + deed);
}
