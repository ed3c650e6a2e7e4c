import { get, patch } from '../../api/member';
import { dataset, definePage } from '../../page';
import { today } from '../../words';

interface Profile {
  name: string | null;
  phoneMasked: string | null;
  birthday: string | null;
  gender: 'male' | 'female' | 'unknown';
}

/** Name, birthday and gender, all of them by choice. */
definePage({
  form: true,
  data: { name: '', birthday: '', gender: '', phone: '', today: today(), was: { name: '', birthday: '', gender: '' } },
  async load() {
    const profile = await get<Profile>('/profile');
    return { name: profile.name ?? '', birthday: profile.birthday ?? '', gender: profile.gender, phone: profile.phoneMasked ?? '', was: { name: profile.name ?? '', birthday: profile.birthday ?? '', gender: profile.gender as string } };
  },
  typeName(event: WechatMiniprogram.Input) {
    this.setData({ name: event.detail.value });
  },
  pickBirthday(event: WechatMiniprogram.PickerChange) {
    this.setData({ birthday: event.detail.value as string });
  },
  pickGender(event: WechatMiniprogram.TouchEvent) {
    this.setData({ gender: dataset<{ gender: string }>(event).gender });
  },
  async save() {
    const { birthday, gender, was } = this.data;
    const name = this.data.name.trim();
    const change = { ...(name && name !== was.name && { name }), ...(birthday !== was.birthday && { birthday }), ...(gender !== was.gender && { gender }) };
    if (!(await this.act(() => patch('/profile', change)))) return;
    this.setData({ was: { name, birthday, gender } });
    wx.showToast({ title: '已保存', icon: 'success' });
  },
});
