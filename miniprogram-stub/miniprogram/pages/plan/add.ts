import { post } from '../../api/member';
import { definePage } from '../../page';

/** A medicine that was not bought with us. */
definePage({
  form: true,
  data: { name: '' },
  type(event: WechatMiniprogram.Input) {
    this.setData({ name: event.detail.value });
  },
  async add() {
    const name = this.data.name.trim();
    if (!name) return wx.showToast({ title: '请填药名', icon: 'none' });
    if (await this.act(() => post('/care-plan/lines', { name }, `line:${name}`))) wx.navigateBack();
  },
});
