import { day } from './words';

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
  value: string | number;
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
  value: string | number;
  state: string;
  validUntil: string;
  usable: boolean;
  reason: Reason | null;
}

/** What a coupon is worth in as few signs as fit its edge. The server says it in words, or in fen with its kind. */
export function worth(kind: string, value: string | number): string {
  if (typeof value === 'string') return value;
  if (/percent|discount_rate/.test(kind)) return `${value / 10}折`;
  if (/points/.test(kind)) return `${value}倍积分`;
  return value > 0 ? `减${value / 100}元` : '礼品';
}

export function offerCard(offer: Offer, action: string) {
  const left = offer.left === null || offer.left === undefined ? '' : `剩 ${offer.left} 张`;
  const price = offer.pointsPrice ? `${offer.pointsPrice} 积分` : '';
  return {
    id: offer.definitionId,
    title: offer.title,
    worth: worth(offer.kind, offer.value),
    price: offer.pointsPrice ?? 0,
    note: [price, offer.valid, left].filter(Boolean).join(' · '),
    reason: offer.reason?.text ?? '',
    action: offer.claimable ? action : '',
    mark: offer.advertising?.mark ?? '',
    approval: offer.advertising?.approval ?? '',
    warning: offer.advertising?.warning ?? '',
  };
}

export function couponCard(coupon: Coupon) {
  const over = !['usable', 'claimed', 'active', 'issued', 'locked'].includes(coupon.state);
  return {
    id: coupon.id,
    title: coupon.title,
    worth: worth(coupon.kind, coupon.value),
    note: over ? `${day(coupon.validUntil)}` : `${day(coupon.validUntil)}前可用`,
    reason: coupon.reason?.text ?? '',
    over,
  };
}
