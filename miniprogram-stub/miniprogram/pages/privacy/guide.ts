import { agreeToGuide } from '../../privacy';
import { Refusal } from '../../api/refusal';
import { send } from '../../api/wire';
import { definePage } from '../../page';

interface Guide {
  version: string;
  title: string;
  paragraphs: string[];
}

/** Stands before everything else: no sign-in, no request in a person's name, until it was agreed to. */
definePage({
  beforeGuide: true,
  data: { guide: null as Guide | null },
  async load() {
    const answer = await send('GET', '/privacy-guide');
    if (answer.status !== 200) throw Refusal.of(answer.status, answer.body);
    return { guide: answer.body as Guide };
  },
  onReady() {
    wx.hideHomeButton();
  },
  agree() {
    agreeToGuide(this.data.guide!.version);
    wx.reLaunch({ url: '/pages/home/index' });
  },
  decline() {
    wx.showModal({ title: '没有关系', content: '不同意也可以到门店买药和咨询。想用小程序时，再回来看这份说明。', showCancel: false, confirmText: '知道了' });
  },
});
