import { get, put } from '../../api/member';
import type { CarePlan } from '../../care-plan';
import { definePage } from '../../page';

function words(text: string): string[] {
  return [...new Set(text.split(/[，,、\n]/).map(word => word.trim()).filter(Boolean))].slice(0, 30);
}

/** Conditions and allergies: kept only while health consent is given, and seen by pharmacists only. */
definePage({
  form: true,
  data: { consent: false, conditions: '', allergies: '' },
  async load() {
    const plan = await get<CarePlan>('/care-plan');
    return { consent: plan.healthConsent, conditions: plan.conditions.join('、'), allergies: plan.allergies.join('、') };
  },
  typeConditions(event: WechatMiniprogram.Input) {
    this.setData({ conditions: event.detail.value });
  },
  typeAllergies(event: WechatMiniprogram.Input) {
    this.setData({ allergies: event.detail.value });
  },
  async save() {
    const saved = await this.act(() => put('/care-plan/health', { conditions: words(this.data.conditions), allergies: words(this.data.allergies) }));
    if (saved) wx.showToast({ title: '已保存', icon: 'success' });
  },
  consents() {
    wx.navigateTo({ url: '/pages/privacy/index' });
  },
});
