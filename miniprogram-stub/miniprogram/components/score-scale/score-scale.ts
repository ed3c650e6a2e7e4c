/** A scale of whole numbers, large enough for a thumb. */
Component({
  properties: {
    from: { type: Number, value: 1 },
    to: { type: Number, value: 5 },
    value: { type: Number, value: -1 },
    low: { type: String, value: '不满意' },
    high: { type: String, value: '很满意' },
  },
  data: { points: [1, 2, 3, 4, 5] },
  observers: {
    'from, to'(from: number, to: number) {
      this.setData({ points: Array.from({ length: to - from + 1 }, (_, index) => from + index) });
    },
  },
  methods: {
    choose(event: WechatMiniprogram.TouchEvent) {
      this.triggerEvent('choose', { value: Number(event.currentTarget.dataset.point) });
    },
  },
});
