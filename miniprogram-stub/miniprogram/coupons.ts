import { day, yuan } from './words';

interface Reason {
  code: string;
  text: string;
}

/** The law's words for a product that may be advertised: shown as they are. */
interface Advertising {
  mark: string | null;
  approval: string | null;
  warning: string | null;
  rulesPage: string | null;
}

/** Something in the coupon centre. */
export interface Offer {
  definitionId: string;
  title: string;
  kind: string;
  /** In words, with its threshold. */
  value: string;
  /** Fen, or ten-thousandths, as the kind has it. */
  amount: number;
  pointsPrice: number | null;
  left: number | null;
  claimable: boolean;
  reason: Reason | null;
  valid: string | null;
  advertising: Advertising | null;
}

/** A coupon of mine. */
export interface Coupon {
  id: string;
  title: string;
  kind: string;
  /** In words, with its threshold. */
  value: string;
  /** Fen, or ten-thousandths, as the kind has it. */
  amount: number;
  state: string;
  validUntil: string;
  usable: boolean;
  reason: Reason | null;
}

/** What a coupon is worth in as few signs as fit its edge; the whole of it is in its title and terms. */
export function worth(kind: string, amount: number): string {
  switch (kind) {
    case 'amount_off':
      return `减${yuan(amount)}元`;
    case 'percentage':
      return `${(10_000 - amount) / 1000}折`;
    case 'exchange':
      return amount > 0 ? `${yuan(amount)}元换购` : '礼品';
    case 'free_service':
      return '免费';
    case 'points_multiplier':
      return `${amount / 100}倍积分`;
    case 'delivery_fee':
      return amount > 0 ? `运费减${yuan(amount)}元` : '免运费';
    default:
      return '优惠';
  }
}

export function offerCard(offer: Offer, action: string) {
  const left = offer.left === null || offer.left === undefined ? '' : `剩 ${offer.left} 张`;
  const price = offer.pointsPrice ? `${offer.pointsPrice} 积分` : '';
  return {
    id: offer.definitionId,
    title: offer.title,
    worth: worth(offer.kind, offer.amount),
    price: offer.pointsPrice ?? 0,
    note: [price, offer.valid, left].filter(Boolean).join(' · '),
    reason: offer.reason?.text ?? '',
    action: offer.claimable ? action : '',
    mark: offer.advertising?.mark ?? '',
    approval: offer.advertising?.approval ?? '',
    warning: offer.advertising?.warning ?? '',
  };
}

const endings: Record<string, string> = { redeemed: '已使用', expired: '已过期', void: '已作废' };

export function couponCard(coupon: Coupon) {
  const over = !['claimed', 'reserved'].includes(coupon.state);
  return {
    id: coupon.id,
    title: coupon.title,
    worth: worth(coupon.kind, coupon.amount),
    note: over ? (endings[coupon.state] ?? '已结束') : `${day(coupon.validUntil)}前可用`,
    reason: coupon.reason?.text ?? '',
    over,
  };
}
