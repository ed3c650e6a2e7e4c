import { get } from '../../api/member';
import { couponCard, type Coupon } from '../../coupons';
import { definePage, open } from '../../page';
import { grouped, picture } from '../../words';

interface CouponDetail extends Coupon {
  code: string;
  qrSvg: string;
  barcodeSvg: string;
  terms: string[];
}

/** One coupon with the code for the till, or why it has none to show. */
definePage({
  data: { card: null as ReturnType<typeof couponCard> | null, usable: false, digits: '', qr: '', barcode: '', terms: [] as string[] },
  async load(query) {
    const coupon = await get<CouponDetail>(`/coupons/${query.id}`);
    return {
      card: couponCard(coupon),
      usable: coupon.usable,
      digits: coupon.code ? grouped(coupon.code) : '',
      qr: coupon.qrSvg ? picture(coupon.qrSvg) : '',
      barcode: coupon.barcodeSvg ? picture(coupon.barcodeSvg) : '',
      terms: coupon.terms,
    };
  },
  rules() {
    open('pages/coupon/rules');
  },
});
