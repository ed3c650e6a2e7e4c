import { list } from '../../api/member';
import { couponCard, type Coupon } from '../../coupons';
import { dataset, definePage, open } from '../../page';

/** The coupons that are mine. One that cannot be used now says why. */
definePage({
  data: { over: false, coupons: [] as ReturnType<typeof couponCard>[] },
  async load(): Promise<{ coupons: ReturnType<typeof couponCard>[] }> {
    const coupons = await list<Coupon>(`/coupons?state=${this.data.over ? 'over' : 'usable'}`);
    return { coupons: coupons.map(couponCard) };
  },
  async choose(event: WechatMiniprogram.TouchEvent) {
    const { over } = dataset<{ over: boolean }>(event);
    this.setData({ over, coupons: [] });
    await this.refresh();
  },
  look(event: WechatMiniprogram.TouchEvent) {
    open(`pages/coupon/detail?id=${dataset<{ id: string }>(event).id}`);
  },
  centre() {
    open('pages/coupon/centre');
  },
});
