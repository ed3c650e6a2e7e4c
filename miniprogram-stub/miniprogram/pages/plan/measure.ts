import { get, post } from '../../api/member';
import type { CarePlan } from '../../care-plan';
import { dataset, definePage } from '../../page';
import { clock, instant, moment, today } from '../../words';

const fields: Record<string, { name: string; unit: string; keys: { key: string; label: string; from: number; to: number }[] }> = {
  blood_pressure: { name: '血压', unit: 'mmHg', keys: [{ key: 'systolic', label: '高压', from: 50, to: 280 }, { key: 'diastolic', label: '低压', from: 30, to: 180 }] },
  blood_glucose: { name: '血糖', unit: 'mmol/L', keys: [{ key: 'glucose', label: '血糖', from: 1, to: 40 }] },
  weight: { name: '体重', unit: 'kg', keys: [{ key: 'weight', label: '体重', from: 20, to: 300 }] },
};

/** Measurements with what is out of range marked; what to do about it is for a doctor to say. */
definePage({
  data: { kinds: Object.keys(fields).map(key => ({ key, name: fields[key].name })), kind: 'blood_pressure', shown: fields.blood_pressure, values: {} as Record<string, string>, measurements: [] as { id: string; text: string; at: string; out: boolean }[] },
  async load() {
    const plan = await get<CarePlan>('/care-plan');
    return { measurements: plan.measurements.map(each => ({ id: each.id, text: each.text, at: moment(each.at), out: each.outOfRange })) };
  },
  choose(event: WechatMiniprogram.TouchEvent) {
    const { kind } = dataset<{ kind: string }>(event);
    this.setData({ kind, shown: fields[kind], values: {} });
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ values: { ...this.data.values, [dataset<{ key: string }>(event).key]: event.detail.value } });
  },
  async save() {
    const values: Record<string, number> = {};
    for (const field of this.data.shown.keys) {
      const value = Number(this.data.values[field.key]);
      if (!(value >= field.from && value <= field.to)) return wx.showToast({ title: `${field.label}请填 ${field.from} 到 ${field.to}`, icon: 'none' });
      values[field.key] = value;
    }

    const at = instant(today(), clock());
    if (!(await this.act(() => post('/care-plan/measurements', { kind: this.data.kind, values, at }, `measure:${this.data.kind}:${at}`)))) return;
    this.setData({ values: {} });
    await this.refresh();
  },
});
