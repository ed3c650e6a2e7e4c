import { list, put } from '../../api/member';
import { dataset, definePage, open } from '../../page';
import { day } from '../../words';

interface Consent {
  purpose: string;
  title: string;
  text: string;
  textVersion: string;
  state: 'given' | 'withdrawn' | 'never';
  at: string | null;
}

const stateWords = { given: '已同意', withdrawn: '已撤回', never: '未同意' };

/** Each consent by itself, given and taken back with the same ease. */
definePage({
  data: { consents: [] as (Consent & { on: boolean; words: string })[], open: '' },
  async load() {
    const consents = await list<Consent>('/consents');
    return { consents: consents.map(each => ({ ...each, on: each.state === 'given', words: each.at ? `${stateWords[each.state]} · ${day(each.at)}` : stateWords[each.state] })) };
  },
  unfold(event: WechatMiniprogram.TouchEvent) {
    const { purpose } = dataset<{ purpose: string }>(event);
    this.setData({ open: this.data.open === purpose ? '' : purpose });
  },
  async turn(event: WechatMiniprogram.SwitchChange) {
    const { purpose, version } = dataset<{ purpose: string; version: string }>(event);
    await this.act(() => put(`/consents/${purpose}`, { given: event.detail.value, textVersion: version }));
    await this.refresh();
  },
  held() {
    open('pages/privacy/data');
  },
  guide() {
    open('pages/privacy/guide');
  },
});
