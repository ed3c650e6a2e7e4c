import { get, list, post } from '../../api/member';
import { askToSubscribe, templatesFor } from '../../api/subscribe';
import { offerCard, type Offer } from '../../coupons';
import { dataset, definePage, open } from '../../page';

/** What points can buy. Medicines cannot be had for points, so none stands here. */
definePage({
  data: { active: 0, offers: [] as ReturnType<typeof offerCard>[], templates: [] as string[] },
  async load() {
    const [points, offers, templates] = await Promise.all([get<{ active: number }>('/points'), list<Offer>('/points/catalogue'), templatesFor('redeemed')]);
    return { active: points.active, offers: offers.map(offer => offerCard(offer, '兑换')), templates };
  },
  redeem(event: WechatMiniprogram.CustomEvent) {
    const { id, title, price } = dataset<{ id: string; title: string; price: number }>(event);
    wx.showModal({
      title: `用 ${price} 积分兑换？`,
      content: title,
      confirmText: '兑换',
      success: async choice => {
        if (!choice.confirm) return;
        const done = await this.act(() => post('/coupons/claims', { definitionId: id }, `claim:${id}`));
        await this.refresh();
        if (!done) return;
        wx.showModal({
          title: '兑换好了',
          content: '已放进“优惠券”。到期前要不要在微信里提醒您？',
          confirmText: '提醒我',
          cancelText: '看优惠券',
          // Still within a tap: WeChat shows the panel.
          success: async then => (then.confirm ? askToSubscribe('redeemed', this.data.templates) : open('pages/coupon/wallet')),
        });
      },
    });
  },
});
