import { get, post } from '../../api/member';
import { askToSubscribe, templatesFor } from '../../api/subscribe';
import type { CarePlan } from '../../care-plan';
import { dataset, definePage } from '../../page';
import { day, today } from '../../words';

/** Today's doses, each taken or skipped. */
definePage({
  data: { date: '', doses: [] as (CarePlan['today'][number] & { key: string })[], done: 0, templates: [] as string[] },
  async load() {
    const [plan, templates] = await Promise.all([get<CarePlan>('/care-plan'), templatesFor('taken')]);
    return { date: day(today()), doses: plan.today.map(dose => ({ ...dose, key: `${dose.lineId}:${dose.time}` })), done: plan.today.filter(dose => dose.state !== 'due').length, templates };
  },
  async mark(event: WechatMiniprogram.TouchEvent) {
    const { line, time, state } = dataset<{ line: string; time: string; state: 'taken' | 'skipped' }>(event);
    // WeChat shows its panel only within the tap itself, not after an answer: so both begin now.
    const asked = state === 'taken' ? askToSubscribe('taken', this.data.templates) : Promise.resolve();
    await this.act(() => post('/care-plan/doses', { lineId: line, date: today(), time, state }, `dose:${line}:${today()}:${time}:${state}`));
    await asked;
    await this.refresh();
  },
});
