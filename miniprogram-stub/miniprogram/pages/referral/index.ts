import { get, post } from '../../api/member';
import { definePage } from '../../page';

interface Referral {
  code: string;
  page: string;
  invited: number;
  rewarded: number;
  points: number;
  rules: string[];
}

/** A code to give to friends. The reward is for their first purchase, never for sharing itself. */
definePage({
  form: true,
  data: { referral: null as Referral | null, friend: '' },
  async load() {
    return { referral: await get<Referral>('/referral'), friend: wx.getStorageSync('invited-by') as string };
  },
  onShareAppMessage() {
    return { title: '送你一份康宁大药房的新会员礼', path: this.data.referral?.page ?? 'pages/home/index' };
  },
  copy() {
    wx.setClipboardData({ data: this.data.referral!.code });
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ friend: event.detail.value.trim().toUpperCase() });
  },
  async use() {
    if (!this.data.friend) return wx.showToast({ title: '请填邀请码', icon: 'none' });
    const done = await this.act(() => post('/referral', { code: this.data.friend }, `referral:${this.data.friend}`));
    if (!done) return;
    wx.removeStorageSync('invited-by');
    wx.showToast({ title: '已填好，首次购物后到账', icon: 'none' });
  },
});
