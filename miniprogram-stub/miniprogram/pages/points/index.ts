import { get, list } from '../../api/member';
import { definePage, open } from '../../page';
import { day, signed } from '../../words';

interface Points {
  active: number;
  pending: number;
  owed: number;
  expiring: { points: number; by: string | null } | null;
}

interface Entry {
  id: string;
  at: string;
  kind: string;
  points: number;
  text: string;
}

/** The ledger in plain words. */
definePage({
  data: { points: null as Points | null, expiring: '', entries: [] as (Entry & { when: string; change: string })[] },
  async load() {
    const [points, entries] = await Promise.all([get<Points>('/points'), list<Entry>('/points/ledger', 100)]);
    return {
      points,
      expiring: points.expiring && points.expiring.points > 0 && points.expiring.by ? `${points.expiring.points} 积分将在 ${day(points.expiring.by)} 前过期` : '',
      entries: entries.map(entry => ({ ...entry, when: day(entry.at), change: signed(entry.points) })),
    };
  },
  exchange() {
    open('pages/points/catalogue');
  },
});
