import { post } from '../../api/member';
import { becomeMember } from '../../api/session';
import { definePage } from '../../page';

interface Joined {
  state: 'member';
  outcome: 'new' | 'joined' | 'review';
}

/** The phone number makes a visitor a member: by one tap, or by a code for who does not want to give it to WeChat. */
definePage({
  form: true,
  data: { bySms: false, phone: '', code: '', sent: false },
  async byButton(event: WechatMiniprogram.ButtonGetPhoneNumber) {
    const { code } = event.detail;
    if (!code) return;
    await this.act(async () => this.joined(await post<Joined>('/phone', { code }, `phone:${code}`)));
  },
  choose() {
    this.setData({ bySms: true });
  },
  typePhone(event: WechatMiniprogram.Input) {
    this.setData({ phone: event.detail.value });
  },
  typeCode(event: WechatMiniprogram.Input) {
    this.setData({ code: event.detail.value });
  },
  async send() {
    if (!/^1\d{10}$/.test(this.data.phone)) return wx.showToast({ title: '请填 11 位手机号', icon: 'none' });
    await this.act(async () => {
      await post('/phone/sms', { phone: this.data.phone }, `sms:${this.data.phone}`);
      this.setData({ sent: true });
    });
  },
  async confirm() {
    await this.act(async () => this.joined(await post<Joined>('/phone/sms/confirm', { phone: this.data.phone, code: this.data.code }, `confirm:${this.data.phone}:${this.data.code}`)));
  },
  joined(joined: Joined) {
    becomeMember();
    const words = joined.outcome === 'review' ? '登录成功。我们发现您可能在门店办过会员卡，工作人员核对后会把积分合并过来。' : joined.outcome === 'joined' ? '登录成功，已找到您在门店的会员记录。' : '登录成功，欢迎加入会员。';
    wx.showModal({ title: '欢迎', content: words, showCancel: false, confirmText: '好的', success: () => wx.reLaunch({ url: '/pages/home/index' }) });
  },
});
