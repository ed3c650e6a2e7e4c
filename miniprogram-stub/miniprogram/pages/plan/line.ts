import { get, post, put } from '../../api/member';
import { lineCard, type CarePlan, type Line } from '../../care-plan';
import { dataset, definePage } from '../../page';

interface Calendar {
  title: string;
  startTime: number;
  repeatInterval: 'day' | 'week' | 'month' | 'year';
  repeatEndTime: number;
  description: string;
  /** One entry for each further time of the day. */
  more?: Calendar[];
}

function enter({ title, startTime, repeatInterval, repeatEndTime, description }: Calendar): Promise<boolean> {
  return new Promise(resolve => {
    wx.addPhoneRepeatCalendar({ title, startTime, repeatInterval, repeatEndTime, description, success: () => resolve(true), fail: () => resolve(false) });
  });
}

/** What a further time of the day begins with. */
const usual = ['08:00', '20:00', '12:00', '16:00', '22:00', '06:00'];

const units = ['片', '粒', '袋', '支', '丸', '贴', '毫升', '喷', '单位'];

/** One medicine: how it is taken, how long it lasts and why we say so, and the four answers. */
definePage({
  form: true,
  data: {
    line: null as Line | null,
    card: null as ReturnType<typeof lineCard> | null,
    because: [] as string[],
    pdc: '',
    editing: false,
    units,
    unit: 0,
    amount: '1',
    times: [] as string[],
  },
  async load(query) {
    const plan = await get<CarePlan>('/care-plan');
    const line = plan.lines.find(each => each.id === query.id) ?? null;
    if (!line) return { line: null };
    const dose = line.dose;
    return {
      line,
      card: lineCard(line),
      because: line.nextRefill?.because ?? [],
      pdc: line.pdc ? `近期有 ${line.pdc.percent}% 的日子有药可吃` : '',
      editing: line.task === 'complete_dose',
      amount: String(dose?.amount ?? 1),
      unit: Math.max(0, units.indexOf(dose?.unit ?? '片')),
      times: dose?.times.length ? dose.times : ['08:00'],
    };
  },
  edit() {
    this.setData({ editing: true });
  },
  typeAmount(event: WechatMiniprogram.Input) {
    this.setData({ amount: event.detail.value });
  },
  pickUnit(event: WechatMiniprogram.PickerChange) {
    this.setData({ unit: Number(event.detail.value) });
  },
  pickTime(event: WechatMiniprogram.PickerChange) {
    const { at } = dataset<{ at: number }>(event);
    this.setData({ times: this.data.times.map((time, index) => (index === at ? (event.detail.value as string) : time)) });
  },
  addTime() {
    const next = usual.find(time => !this.data.times.includes(time));
    if (next && this.data.times.length < 6) this.setData({ times: [...this.data.times, next] });
  },
  dropTime() {
    if (this.data.times.length > 1) this.setData({ times: this.data.times.slice(0, -1) });
  },
  async save() {
    const amount = Number(this.data.amount);
    if (!(amount > 0 && amount <= 100)) return wx.showToast({ title: '每次用量请填 0 到 100 之间', icon: 'none' });
    const times = [...this.data.times].sort();
    if (new Set(times).size < times.length) return wx.showToast({ title: '两次的时间不能一样', icon: 'none' });
    const saved = await this.act(() => put(`/care-plan/lines/${this.data.line!.id}/dose`, { amount, unit: units[this.data.unit], timesPerDay: times.length, times }));
    if (!saved) return;
    wx.showToast({ title: '已保存', icon: 'success' });
    await this.refresh();
  },
  async answer(event: WechatMiniprogram.CustomEvent<{ answer: string; days?: number }>) {
    const { id } = this.data.line!;
    const done = await this.act(() => post(`/care-plan/lines/${id}/answer`, event.detail, `refill:${id}:${event.detail.answer}`));
    if (!done) return;
    wx.showToast({ title: '记下了', icon: 'success' });
    await this.refresh();
  },
  async calendar() {
    await this.act(async () => {
      const entry = await get<Calendar>(`/care-plan/lines/${this.data.line!.id}/calendar`);
      for (const each of [entry, ...(entry.more ?? [])]) {
        if (await enter(each)) continue;
        wx.showToast({ title: '没有加到日历', icon: 'none' });
        return;
      }

      wx.showToast({ title: '已加到手机日历', icon: 'success' });
    });
  },
});
