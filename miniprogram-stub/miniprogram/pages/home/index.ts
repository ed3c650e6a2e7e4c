import { get, post, put } from '../../api/member';
import { askToSubscribe, templatesFor } from '../../api/subscribe';
import { share, shared, writeLarge } from '../../large-text';
import { dataset, definePage, open } from '../../page';
import { day, setClock, yuan } from '../../words';

interface Home {
  now: string;
  state: 'visitor' | 'member';
  largeTextOffer: boolean;
  member: {
    id: string;
    displayName: string | null;
    tier: { code: string; name: string; until: string | null; nextName: string | null; toNextFen: number | null } | null;
    points: { active: number; pending: number; owed: number; expiring: number };
  } | null;
  coupons: { usable: number };
  reminders: { id: string; kind: string; title: string; due: string; page: string }[];
  tip: { id: string; title: string; summary: string } | null;
  unread: number;
}

const offered = 'large-text-offered';

function greeting(now: string): string {
  const hour = Number(now.slice(11, 13));
  return hour < 5 ? '夜深了' : hour < 11 ? '早上好' : hour < 13 ? '中午好' : hour < 18 ? '下午好' : '晚上好';
}

// The server gives a day, and its own words where it has some.
function due(kind: string, when: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(when)) return when;
  return kind === 'refill' ? `预计 ${day(when)} 用完` : '';
}

/** Everything that matters today, in one request. */
definePage({
  data: {
    home: null as Home | null,
    reminders: [] as Home['reminders'],
    greeting: '',
    until: '',
    toNext: '',
    offerLarge: false,
    templates: [] as string[],
    shortcuts: [
      { text: '领券中心', icon: 'gift', page: 'pages/coupon/centre' },
      { text: '我的积分', icon: 'star', page: 'pages/points/index' },
      { text: '健康贴士', icon: 'leaf', page: 'pages/tip/list' },
      { text: '问药师', icon: 'chat', page: 'pages/case/list' },
      { text: '附近门店', icon: 'store', page: 'pages/store/list' },
      { text: '追溯查询', icon: 'search', page: 'pages/recall/detail' },
      { text: '生日礼', icon: 'cake', page: 'pages/benefit/birthday' },
      { text: '邀请好友', icon: 'share', page: 'pages/referral/index' },
    ],
  },
  async load(query) {
    // Somebody was sent here by a friend: their code waits until there is a member to use it.
    if (query.ref) wx.setStorageSync('invited-by', query.ref);
    const home = await get<Home>('/home');
    share({ unread: home.unread });
    setClock(home.now);
    const tier = home.member?.tier;
    if (home.reminders.length > 0) templatesFor('refill').then(templates => this.setData({ templates }));
    return {
      home,
      reminders: home.reminders.map(reminder => ({ ...reminder, due: due(reminder.kind, reminder.due) })),
      greeting: greeting(home.now),
      until: tier?.until ? `${day(tier.until, home.now)}前有效` : '',
      toNext: tier?.nextName && tier.toNextFen ? `再消费 ${yuan(tier.toNextFen)} 元升${tier.nextName}` : '',
      offerLarge: home.largeTextOffer && shared().large === '' && wx.getStorageSync(offered) === '',
    };
  },
  go(event: WechatMiniprogram.TouchEvent) {
    open(dataset<{ page: string }>(event).page);
  },
  join() {
    open('pages/signin/index');
  },
  async takeLarge() {
    wx.setStorageSync(offered, true);
    writeLarge(true);
    this.setData({ offerLarge: false });
    await this.act(() => put('/preferences', { largeText: true }));
  },
  leaveLarge() {
    wx.setStorageSync(offered, true);
    this.setData({ offerLarge: false });
  },
  async answer(event: WechatMiniprogram.CustomEvent<{ answer: string; days?: number }>) {
    const { line } = dataset<{ line: string }>(event);
    const answered = await this.act(() => post(`/care-plan/lines/${line}/answer`, event.detail, `refill:${line}:${event.detail.answer}`));
    if (!answered) return;
    wx.showToast({ title: '记下了', icon: 'success' });
    await this.refresh();
  },
  async remindMe() {
    await askToSubscribe('refill', this.data.templates);
  },
});
