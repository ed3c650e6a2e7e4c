import { get, post } from '../../api/member';
import { askToSubscribe, templatesFor } from '../../api/subscribe';
import { lineCard, type CarePlan } from '../../care-plan';
import { dataset, definePage, open } from '../../page';
import { today } from '../../words';

/** Medicines, what is due today, and how long they last. */
definePage({
  data: {
    plan: null as CarePlan | null,
    lines: [] as ReturnType<typeof lineCard>[],
    today: [] as (CarePlan['today'][number] & { key: string })[],
    templates: [] as string[],
  },
  async load() {
    const [plan, templates] = await Promise.all([get<CarePlan>('/care-plan'), templatesFor('taken')]);
    return { plan, templates, lines: plan.lines.map(lineCard), today: plan.today.map(dose => ({ ...dose, key: `${dose.lineId}:${dose.time}` })) };
  },
  go(event: WechatMiniprogram.TouchEvent) {
    open(dataset<{ page: string }>(event).page);
  },
  async take(event: WechatMiniprogram.TouchEvent) {
    const { line, time } = dataset<{ line: string; time: string }>(event);
    // WeChat shows its panel only within the tap itself, not after an answer: so both begin now.
    const asked = askToSubscribe('taken', this.data.templates);
    const done = await this.act(() => post('/care-plan/doses', { lineId: line, date: today(), time, state: 'taken' }, `dose:${line}:${today()}:${time}`));
    if (done) wx.showToast({ title: '记下了', icon: 'success' });
    await asked;
    await this.refresh();
  },
});
