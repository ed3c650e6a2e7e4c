import { post } from '../../api/member';
import { categories } from '../../cases';
import { dataset, definePage } from '../../page';

/** A question, a complaint, or something wrong with what was bought. */
definePage({
  form: true,
  data: { categories, category: 'pharmacist', text: '', photos: [] as string[] },
  choose(event: WechatMiniprogram.TouchEvent) {
    this.setData({ category: dataset<{ category: string }>(event).category });
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ text: event.detail.value });
  },
  attach(event: WechatMiniprogram.CustomEvent<{ ids: string[] }>) {
    this.setData({ photos: event.detail.ids });
  },
  async send() {
    const text = this.data.text.trim();
    if (!text) return wx.showToast({ title: '请写一下您的问题', icon: 'none' });
    await this.act(async () => {
      const made = await post<{ id: string }>('/cases', { category: this.data.category, text, photos: this.data.photos }, `case:${text}`);
      wx.redirectTo({ url: `/pages/case/detail?id=${made.id}` });
    });
  },
});
