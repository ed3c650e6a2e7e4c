const key = 'privacy-guide';

/** Which version of the guide this person has agreed to, on this phone; nothing is asked of the server before. */
export function guideSeen(): boolean {
  return wx.getStorageSync(key) !== '';
}

export function agreeToGuide(version: string): void {
  wx.setStorageSync(key, version);
}
