/** What stands on a page that is not ready: it loads, it failed, or it is for members. */
Component({
  properties: {
    state: { type: String, value: 'loading' },
    problem: { type: String, value: '' },
  },
  methods: {
    retry() {
      this.triggerEvent('retry');
    },
    signIn() {
      wx.navigateTo({ url: '/pages/signin/index' });
    },
  },
});
