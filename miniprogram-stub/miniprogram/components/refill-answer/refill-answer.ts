/** The four answers to a refill. How many days are left is asked only of who still has some. */
Component({
  properties: {
    title: { type: String, value: '' },
    due: { type: String, value: '' },
    busy: { type: Boolean, value: false },
  },
  data: { asking: false, days: '' },
  methods: {
    bought() {
      this.triggerEvent('answer', { answer: 'bought' });
    },
    ask() {
      this.setData({ asking: true });
    },
    type(event: WechatMiniprogram.Input) {
      this.setData({ days: event.detail.value });
    },
    stillHave() {
      const days = Number(this.data.days);
      if (!Number.isInteger(days) || days < 1 || days > 365) {
        wx.showToast({ title: '请填 1 到 365 天', icon: 'none' });
        return;
      }

      this.setData({ asking: false, days: '' });
      this.triggerEvent('answer', { answer: 'still_have', days });
    },
    stopped() {
      wx.showModal({
        title: '不再服用？',
        content: '我们会停止提醒。停药或换药前，请先问问医生或药师。',
        confirmText: '不再服用',
        cancelText: '再想想',
        success: choice => {
          if (choice.confirm) this.triggerEvent('answer', { answer: 'stopped' });
        },
      });
    },
    later() {
      this.triggerEvent('answer', { answer: 'later' });
    },
  },
});
