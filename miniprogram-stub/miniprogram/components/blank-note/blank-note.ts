/** Says of an empty list that it is empty, why, and what could be done. */
Component({
  properties: {
    icon: { type: String, value: 'leaf' },
    title: { type: String, value: '' },
    hint: { type: String, value: '' },
    action: { type: String, value: '' },
  },
  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
