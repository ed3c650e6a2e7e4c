/** A coupon as it lies in the centre or the wallet; a button only where something can be done. */
Component({
  properties: {
    /** What it is worth, as large as it fits: `减5元`. */
    worth: { type: String, value: '' },
    title: { type: String, value: '' },
    /** Until when, or how many are left. */
    note: { type: String, value: '' },
    /** Why it cannot be used or claimed now. */
    reason: { type: String, value: '' },
    action: { type: String, value: '' },
    over: { type: Boolean, value: false },
    /** The mark of an advertisement, its approval number and its warning, unchanged. */
    mark: { type: String, value: '' },
    approval: { type: String, value: '' },
    warning: { type: String, value: '' },
  },
  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
