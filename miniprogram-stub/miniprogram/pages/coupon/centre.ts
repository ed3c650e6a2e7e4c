import { list, post } from '../../api/member';
import { askToSubscribe, templatesFor } from '../../api/subscribe';
import { offerCard, type Offer } from '../../coupons';
import { dataset, definePage, open } from '../../page';

/** What can be claimed. A claim that lost its answer is asked for again under the same key, and gives the same coupon. */
definePage({
  data: { offers: [] as ReturnType<typeof offerCard>[], templates: [] as string[], rulesPage: '' },
  async load() {
    const [offers, templates] = await Promise.all([list<Offer>('/coupons/centre'), templatesFor('redeemed')]);
    return { offers: offers.map(offer => offerCard(offer, offer.pointsPrice ? '兑换' : '领取')), templates, rulesPage: offers.map(offer => offer.advertising?.rulesPage).find(Boolean) ?? '' };
  },
  async claim(event: WechatMiniprogram.CustomEvent) {
    const { id, price } = dataset<{ id: string; price: number }>(event);
    if (price > 0 && !(await this.agreed(price))) return;
    const done = await this.act(() => post('/coupons/claims', { definitionId: id }, `claim:${id}`));
    await this.refresh();
    if (!done) return;
    wx.showModal({
      title: '领到了',
      content: '已放进“优惠券”。到期前要不要在微信里提醒您？',
      confirmText: '提醒我',
      cancelText: '看优惠券',
      success: async choice => (choice.confirm ? askToSubscribe('redeemed', this.data.templates) : open('pages/coupon/wallet')),
    });
  },
  rules() {
    open(this.data.rulesPage);
  },
  agreed(price: number): Promise<boolean> {
    return new Promise(resolve => wx.showModal({ title: `用 ${price} 积分兑换？`, content: '兑换后积分会扣除。', confirmText: '兑换', success: choice => resolve(choice.confirm) }));
  },
});
