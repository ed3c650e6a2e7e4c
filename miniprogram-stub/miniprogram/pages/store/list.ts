import { list } from '../../api/member';
import { dataset, definePage } from '../../page';

interface Store {
  id: string;
  name: string;
  address: string | null;
  phone: string | null;
  hours: { day: string | number; from: string; to: string }[];
  open: boolean;
  pharmacist: { name: string; licence: string } | null;
  region: string | null;
}

function hours(store: Store): string {
  const spans = [...new Set(store.hours.map(each => `${each.from}–${each.to}`))];
  return spans.length === 0 ? '营业时间请致电' : spans.length === 1 ? `每天 ${spans[0]}` : spans.join('，');
}

type Shown = Store & { hoursText: string };

function within(all: Shown[], region: string): Shown[] {
  return region ? all.filter(store => store.region === region) : all;
}

/** Stores with their hours, and whether a pharmacist is there now. */
definePage({
  data: { stores: [] as Shown[], all: [] as Shown[], regions: [] as string[], region: '' },
  async load(): Promise<{ all: Shown[]; regions: string[]; stores: Shown[] }> {
    const all = (await list<Store>('/stores')).map(store => ({ ...store, hoursText: hours(store) }));
    const regions = [...new Set(all.map(store => store.region).filter((region): region is string => !!region))];
    return { all, regions, stores: within(all, this.data.region) };
  },
  choose(event: WechatMiniprogram.TouchEvent) {
    const { region } = dataset<{ region: string }>(event);
    this.setData({ region, stores: within(this.data.all, region) });
  },
  call(event: WechatMiniprogram.TouchEvent) {
    wx.makePhoneCall({ phoneNumber: dataset<{ phone: string }>(event).phone });
  },
});
