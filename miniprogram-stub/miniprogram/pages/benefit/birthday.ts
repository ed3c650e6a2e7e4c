import { get, post } from '../../api/member';
import { definePage, open } from '../../page';
import { day } from '../../words';

interface Birthday {
  state: string;
  from: string | null;
  until: string | null;
  text: string;
}

/** The benefit of a birthday: taken once, within its days. */
definePage({
  data: { text: '', days: '', can: false, taken: false, unknown: false },
  async load() {
    const birthday = await get<Birthday>('/birthday');
    return {
      text: birthday.text,
      days: birthday.from && birthday.until ? `${day(birthday.from)} – ${day(birthday.until)}` : '',
      can: birthday.state === 'available',
      taken: birthday.state === 'taken',
      unknown: birthday.state === 'no_birthday',
    };
  },
  async take() {
    const done = await this.act(() => post('/birthday/benefit', {}, `birthday:${this.data.days}`));
    if (done) wx.showToast({ title: '生日快乐', icon: 'success' });
    await this.refresh();
  },
  profile() {
    open('pages/profile/index');
  },
});
