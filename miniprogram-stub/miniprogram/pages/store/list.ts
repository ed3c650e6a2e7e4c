import { list } from '../../api/member';
import { dataset, definePage } from '../../page';
import { day } from '../../words';

interface Store {
  id: string;
  name: string;
  address: string | null;
  phone: string | null;
  hours: { day: number; from: string; to: string }[];
  specialDays?: { date: string; from: string | null; to: string | null }[];
  /** Missing where nobody has entered hours. */
  open: boolean | null;
  pharmacist: { name: string; licence: string } | null;
  notice?: string | null;
  region: string | null;
}

const weekdays = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];

// Days in a row with the same hours are said together.
function hours(store: Store): string {
  const days = weekdays.slice(1).map((_, index) => store.hours.filter(each => each.day === index + 1).map(each => `${each.from}–${each.to}`).join('、') || '休息');
  if (store.hours.length === 0) return '营业时间请致电';
  if (days.every(each => each === days[0])) return `每天 ${days[0]}`;
  const spans: { from: number; to: number; text: string }[] = [];
  days.forEach((text, index) => {
    const last = spans[spans.length - 1];
    if (last?.text === text) last.to = index + 1;
    else spans.push({ from: index + 1, to: index + 1, text });
  });
  return spans.map(span => `${weekdays[span.from]}${span.to > span.from ? `至${weekdays[span.to]}` : ''} ${span.text}`).join('，');
}

function special(store: Store): string {
  return (store.specialDays ?? []).map(each => `${day(each.date)} ${each.from && each.to ? `${each.from}–${each.to}` : '休息'}`).join('，');
}

type Shown = Store & { hoursText: string; specialText: string };

function within(all: Shown[], region: string): Shown[] {
  return region ? all.filter(store => store.region === region) : all;
}

/** Stores with their hours, and whether a pharmacist is there now. */
definePage({
  data: { stores: [] as Shown[], all: [] as Shown[], regions: [] as string[], region: '' },
  async load(): Promise<{ all: Shown[]; regions: string[]; stores: Shown[] }> {
    const all = (await list<Store>('/stores')).map(store => ({ ...store, hoursText: hours(store), specialText: special(store) }));
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
