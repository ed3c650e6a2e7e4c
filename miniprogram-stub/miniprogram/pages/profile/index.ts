import { get, patch } from '../../api/member';
import { dataset, definePage } from '../../page';
import { today } from '../../words';

interface Profile {
  name: string | null;
  phoneMasked: string;
  birthday: string | null;
  gender: 'male' | 'female' | null;
}

/** Name, birthday and gender, all of them by choice. */
definePage({
  form: true,
  data: { name: '', birthday: '', gender: '', phone: '', today: today() },
  async load() {
    const profile = await get<Profile>('/profile');
    return { name: profile.name ?? '', birthday: profile.birthday ?? '', gender: profile.gender ?? '', phone: profile.phoneMasked };
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
    const { name, birthday, gender } = this.data;
    const saved = await this.act(() => patch('/profile', { ...(name.trim() && { name: name.trim() }), ...(birthday && { birthday }), ...(gender && { gender }) }));
    if (saved) wx.showToast({ title: '已保存', icon: 'success' });
  },
});
