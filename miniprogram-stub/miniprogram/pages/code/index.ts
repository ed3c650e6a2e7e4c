import { get } from '../../api/member';
import { definePage } from '../../page';
import { grouped, picture } from '../../words';

interface Code {
  code: string;
  expiresAt: string;
  qrSvg: string;
  barcodeSvg: string;
}

const brightest = 1;

/** The code for the till, on a bright screen, renewed before it ends. */
definePage({
  data: { digits: '', qr: '', barcode: '', left: 0 },
  async load() {
    const code = await get<Code>('/code');
    const left = Math.max(5, Math.round((Date.parse(code.expiresAt) - Date.now()) / 1000));
    this.tick(Math.min(left, 60));
    return { digits: grouped(code.code), qr: picture(code.qrSvg), barcode: picture(code.barcodeSvg), left: Math.min(left, 60) };
  },
  onReady() {
    wx.getScreenBrightness({
      success: ({ value }) => {
        this.before = value;
        wx.setScreenBrightness({ value: brightest });
      },
    });
  },
  tick(from: number) {
    clearInterval(this.timer);
    let left = from;
    this.timer = setInterval(() => {
      left -= 1;
      this.setData({ left });
      if (left > 0) return;
      clearInterval(this.timer);
      this.refresh();
    }, 1000);
  },
  onClose() {
    clearInterval(this.timer);
    if (this.before !== undefined) wx.setScreenBrightness({ value: this.before });
  },
});
