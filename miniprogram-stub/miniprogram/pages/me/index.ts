import { get, put } from '../../api/member';
import { sessionState, token } from '../../api/session';
import { shared, writeLarge } from '../../large-text';
import { dataset, definePage, open } from '../../page';

interface Profile {
  id: string;
  displayName: string;
  phoneMasked: string | null;
}

/** What is mine, and every door that has no place on the home page. */
definePage({
  data: {
    profile: null as Profile | null,
    largeOn: false,
    groups: [
      {
        key: 'member',
        rows: [
          { text: '会员码', icon: 'code', page: 'pages/code/index' },
          { text: '会员等级', icon: 'crown', page: 'pages/tier/index' },
          { text: '我的积分', icon: 'star', page: 'pages/points/index' },
          { text: '积分兑换', icon: 'gift', page: 'pages/points/catalogue' },
          { text: '生日礼', icon: 'cake', page: 'pages/benefit/birthday' },
          { text: '邀请好友', icon: 'share', page: 'pages/referral/index' },
        ],
      },
      {
        key: 'service',
        rows: [
          { text: '问药师与服务记录', icon: 'chat', page: 'pages/case/list' },
          { text: '满意度问卷', icon: 'form', page: 'pages/survey/list' },
          { text: '药品追溯与召回', icon: 'search', page: 'pages/recall/detail' },
          { text: '附近门店', icon: 'store', page: 'pages/store/list' },
        ],
      },
      {
        key: 'self',
        rows: [
          { text: '个人资料', icon: 'person-on', page: 'pages/profile/index' },
          { text: '提醒设置', icon: 'bell', page: 'pages/settings/index' },
          { text: '隐私中心', icon: 'shield', page: 'pages/privacy/index' },
        ],
      },
    ],
  },
  async load() {
    await token();
    const profile = sessionState() === 'member' ? await get<Profile>('/profile') : null;
    return { profile, largeOn: shared().large !== '' };
  },
  go(event: WechatMiniprogram.TouchEvent) {
    open(dataset<{ page: string }>(event).page);
  },
  async turnLarge(event: WechatMiniprogram.SwitchChange) {
    const { value } = event.detail;
    writeLarge(value);
    this.setData({ largeOn: value });
    if (this.data.profile) await this.act(() => put('/preferences', { largeText: value }));
  },
  join() {
    open('pages/signin/index');
  },
});
