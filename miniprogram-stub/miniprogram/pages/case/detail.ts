import { get, post } from '../../api/member';
import { caseWords, type CaseDetail } from '../../cases';
import { definePage } from '../../page';
import { moment } from '../../words';

/** One thread over all channels: what was said, what was done, and whether it helped. */
definePage({
  data: { detail: null as CaseDetail | null, kind: '', words: '', over: false, thread: [] as { key: string; who: string; mine: boolean; text: string; when: string }[], text: '', photos: [] as string[] },
  async load(query) {
    const detail = await get<CaseDetail>(`/cases/${query.id}`);
    return {
      detail,
      ...caseWords(detail),
      thread: detail.thread.map((each, index) => {
        const mine = each.from === 'member';
        return { key: `${index}`, mine, who: mine ? '我' : each.speaker, text: each.text, when: moment(each.at) };
      }),
    };
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ text: event.detail.value });
  },
  attach(event: WechatMiniprogram.CustomEvent<{ ids: string[] }>) {
    this.setData({ photos: event.detail.ids });
  },
  async say() {
    const text = this.data.text.trim();
    if (!text) return wx.showToast({ title: '请先写几句', icon: 'none' });
    const { id } = this.data.detail!;
    const path = this.data.over ? `/cases/${id}/reopen` : `/cases/${id}/messages`;
    const body = this.data.over ? { text } : { text, photos: this.data.photos };
    if (!(await this.act(() => post(path, body, `say:${id}:${text}`)))) return;
    this.setData({ text: '', photos: [] });
    await this.refresh();
  },
  async rate(event: WechatMiniprogram.CustomEvent<{ value: number }>) {
    await this.act(() => post(`/cases/${this.data.detail!.id}/rating`, { score: event.detail.value }, `rate:${this.data.detail!.id}`));
    await this.refresh();
  },
});
