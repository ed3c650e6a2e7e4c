import { get } from '../../api/member';
import { definePage } from '../../page';
import { day } from '../../words';

interface Tip {
  title: string;
  paragraphs: string[];
  source: string;
  reviewer: string;
  reviewedOn: string | null;
  version: number | string;
  validUntil: string | null;
}

/** A tip and nothing beside it: no product, no coupon, no phone number, no store, no way into a shop. */
definePage({
  data: { tip: null as Tip | null, dates: '' },
  async load(query) {
    const tip = await get<Tip>(`/tips/${query.id}`);
    return {
      tip,
      dates: [tip.reviewedOn ? `${day(tip.reviewedOn)}审核` : '', `第 ${tip.version} 版`, tip.validUntil ? `${day(tip.validUntil)}前有效` : ''].filter(Boolean).join(' · '),
    };
  },
});
