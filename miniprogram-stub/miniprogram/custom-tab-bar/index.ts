import { shared } from '../large-text';

const tabs = [
  { page: 'pages/home/index', text: '首页', icon: 'home' },
  { page: 'pages/plan/index', text: '用药', icon: 'pill' },
  { page: 'pages/coupon/wallet', text: '优惠券', icon: 'ticket' },
  { page: 'pages/inbox/list', text: '消息', icon: 'letter' },
  { page: 'pages/me/index', text: '我的', icon: 'person' },
];

/** The tab bar: our own, because the built-in one knows no large text. */
Component({
  data: { tabs, current: '', large: '', unread: 0 },
  lifetimes: {
    attached() {
      const stack = getCurrentPages();
      this.setData({ current: stack[stack.length - 1]?.route ?? '' });
      const follow = () => this.setData({ large: shared().large, unread: shared().unread });
      follow();
      shared().watchers.push(follow);
      this.unfollow = () => (shared().watchers = shared().watchers.filter(each => each !== follow));
    },
    detached() {
      this.unfollow();
    },
  },
  methods: {
    unfollow() {},
    go(event: WechatMiniprogram.TouchEvent) {
      wx.switchTab({ url: `/${event.currentTarget.dataset.page}` });
    },
  },
});
