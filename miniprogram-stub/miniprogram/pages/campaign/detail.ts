import { get, list } from '../../api/member';
import { offerCard, type Offer } from '../../coupons';
import { definePage, open } from '../../page';

interface Message {
  title: string;
  body: string;
  why: string;
}

/** Where a promotion leads: what was said, why to me, and the coupon that goes with it. An advertisement says that it is one. */
definePage({
  data: { message: null as Message | null, offers: [] as ReturnType<typeof offerCard>[] },
  async load(query) {
    const [message, offers] = await Promise.all([query.message ? get<Message>(`/inbox/${query.message}`) : Promise.resolve(null), list<Offer>('/coupons/centre')]);
    return { message, offers: offers.filter(offer => !query.definition || offer.definitionId === query.definition).slice(0, 3).map(offer => offerCard(offer, '去领取')) };
  },
  centre() {
    open('pages/coupon/centre');
  },
});
