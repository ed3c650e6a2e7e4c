import { get } from '../../api/member';
import { definePage } from '../../page';
import { day, yuan } from '../../words';

interface Tier {
  code: string | null;
  name: string | null;
  until: string | null;
  spentFen: number;
  nextName: string | null;
  nextThresholdFen: number | null;
  toNextFen: number | null;
  history: { name: string; from: string; until: string | null }[];
  tiers: { name: string; thresholdFen: number }[];
}

/** Where a member stands, and what is missing to the next tier. */
definePage({
  data: { tier: null as Tier | null, until: '', next: '', spent: '', share: 0, tiers: [] as { name: string; from: string; mine: boolean }[], history: [] as { name: string; words: string }[] },
  async load() {
    const tier = await get<Tier>('/tier');
    return {
      tier,
      until: tier.until ? `${day(tier.until)}前有效` : '长期有效',
      spent: yuan(tier.spentFen),
      next: tier.nextName && tier.toNextFen ? `再消费 ${yuan(tier.toNextFen)} 元升${tier.nextName}` : '已是最高等级',
      share: tier.nextThresholdFen ? Math.min(100, Math.round((tier.spentFen / tier.nextThresholdFen) * 100)) : 100,
      tiers: tier.tiers.map(each => ({ name: each.name, from: each.thresholdFen ? `近 12 个月满 ${yuan(each.thresholdFen)} 元` : '注册即享', mine: each.name === tier.name })),
      history: tier.history.map(each => ({ name: each.name, words: `${day(each.from)} – ${each.until ? day(each.until) : '现在'}` })),
    };
  },
});
