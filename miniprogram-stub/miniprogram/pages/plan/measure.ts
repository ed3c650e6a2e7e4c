import { get, post } from '../../api/member';
import type { CarePlan } from '../../care-plan';
import { dataset, definePage } from '../../page';
import { clock, instant, moment, today } from '../../words';

const fields: Record<string, { name: string; unit: string; keys: { key: string; label: string; from: number; to: number }[] }> = {
  blood_pressure: { name: '血压', unit: 'mmHg', keys: [{ key: 'systolic', label: '高压', from: 40, to: 300 }, { key: 'diastolic', label: '低压', from: 20, to: 200 }] },
  glucose_fasting: { name: '空腹血糖', unit: 'mmol/L', keys: [{ key: 'glucose', label: '空腹血糖', from: 0.5, to: 50 }] },
  glucose_after_meal: { name: '餐后血糖', unit: 'mmol/L', keys: [{ key: 'glucose', label: '餐后血糖', from: 0.5, to: 50 }] },
  heart_rate: { name: '心率', unit: '次/分', keys: [{ key: 'rate', label: '心率', from: 20, to: 300 }] },
  weight: { name: '体重', unit: 'kg', keys: [{ key: 'weight', label: '体重', from: 2, to: 400 }] },
  temperature: { name: '体温', unit: '℃', keys: [{ key: 'temperature', label: '体温', from: 30, to: 45 }] },
  hba1c: { name: '糖化血红蛋白', unit: '%', keys: [{ key: 'hba1c', label: '糖化血红蛋白', from: 2, to: 20 }] },
  ldl: { name: '低密度脂蛋白', unit: 'mmol/L', keys: [{ key: 'ldl', label: '低密度脂蛋白', from: 0.1, to: 20 }] },
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
