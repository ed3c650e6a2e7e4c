import { get } from '../../api/member';
import { definePage } from '../../page';
import { day } from '../../words';

interface Tip {
  title: string;
  paragraphs: string[];
  source: string;
  reviewer: string | { name: string; licence?: string };
  reviewedOn: string;
  version: number | string;
  validUntil: string | null;
}

/** A tip and nothing beside it: no product, no coupon, no phone number, no store, no way into a shop. */
definePage({
  data: { tip: null as Tip | null, reviewer: '', dates: '' },
  async load(query) {
    const tip = await get<Tip>(`/tips/${query.id}`);
    return {
      tip,
      reviewer: typeof tip.reviewer === 'string' ? tip.reviewer : [tip.reviewer.name, tip.reviewer.licence].filter(Boolean).join('，'),
      dates: [`${day(tip.reviewedOn)}审核`, `第 ${tip.version} 版`, tip.validUntil ? `${day(tip.validUntil)}前有效` : ''].filter(Boolean).join(' · '),
    };
  },
});
