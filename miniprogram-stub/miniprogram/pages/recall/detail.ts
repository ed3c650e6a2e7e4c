import { get } from '../../api/member';
import { definePage } from '../../page';
import { day } from '../../words';

interface Recall {
  purchase: { at: string; store: string | null; product: string } | null;
  recalled: boolean;
  text: string;
}

async function look(code: string) {
  const recall = await get<Recall>(`/recalls?code=${encodeURIComponent(code)}`);
  return { code, recall, when: recall.purchase ? [day(recall.purchase.at), recall.purchase.store].filter(Boolean).join(' · ') : '' };
}

/** A trace or batch code shows my own purchase and whether it is recalled. */
definePage({
  form: true,
  data: { code: '', recall: null as Recall | null, when: '' },
  async load(query) {
    return query.code ? look(query.code) : {};
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ code: event.detail.value.trim(), recall: null });
  },
  async find() {
    if (!this.data.code) return wx.showToast({ title: '请填药盒上的追溯码或批号', icon: 'none' });
    await this.act(async () => this.setData(await look(this.data.code)));
  },
});
