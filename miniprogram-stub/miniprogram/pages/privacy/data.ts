import { get, list, post, remove } from '../../api/member';
import { dataset, definePage } from '../../page';
import { day, moment } from '../../words';

interface Section {
  title: string;
  rows: { label: string; value: string; origin: string }[];
}

/** So many rows of a section stand open; the rest comes on a tap. */
const few = 6;

interface Request {
  id: string;
  kind: 'export' | 'erasure';
  state: string;
  at: string;
  dueBy: string | null;
  doneAt: string | null;
}

interface Look {
  at: string;
  who: string;
  store: string | null;
  purpose: string | null;
  what: string;
}

const kindWords: Record<string, string> = { export: '导出数据', erasure: '注销账号', correction: '更正', explanation: '请求说明' };
const stateWords: Record<string, string> = { submitted: '已提交', identity_checked: '已核实', in_work: '处理中', fulfilled: '已完成', refused: '未通过', withdrawn: '已撤回' };
const over = ['fulfilled', 'refused', 'withdrawn'];

interface Shown {
  sections: (Section & { count: number })[];
  waiting: boolean;
  requests: { id: string; title: string; words: string; copy: boolean }[];
  looks: { at: string; words: string; what: string }[];
}

/** What is held about a person, who looked at it, and how to take it along or have it erased. */
definePage({
  data: { sections: [] as (Section & { count: number })[], open: '', requests: [] as { id: string; title: string; words: string; copy: boolean }[], looks: [] as { at: string; words: string; what: string }[], waiting: false },
  async load(): Promise<Shown> {
    const [held, requests, looks] = await Promise.all([get<{ sections: Section[] }>('/privacy/data'), list<Request>('/privacy/requests'), list<Look>('/privacy/looks', 50)]);
    return {
      sections: held.sections.map(section => ({ ...section, count: section.rows.length, rows: this.data.open === section.title ? section.rows : section.rows.slice(0, few) })),
      waiting: requests.some(each => each.kind === 'erasure' && !over.includes(each.state)),
      requests: requests.map(each => ({
        id: each.id,
        title: kindWords[each.kind] ?? each.kind,
        copy: each.kind === 'export' && each.state === 'fulfilled',
        words: `${day(each.at)}提出 · ${stateWords[each.state] ?? each.state}${each.dueBy && !over.includes(each.state) ? ` · 最迟 ${day(each.dueBy)}` : ''}`,
      })),
      looks: looks.map(each => ({ at: moment(each.at), words: [each.who, each.store].filter(Boolean).join(' · '), what: [each.what, each.purpose].filter(Boolean).join('，') })),
    };
  },
  async unfold(event: WechatMiniprogram.TouchEvent) {
    this.setData({ open: dataset<{ title: string }>(event).title });
    await this.refresh();
  },
  async exportAll() {
    const done = await this.act(() => post('/privacy/exports', {}, 'export'));
    if (!done) return;
    wx.showToast({ title: '已提交，准备好后会在消息里告诉您', icon: 'none' });
    await this.refresh();
  },
  // A mini-program cannot open a file of this kind: the person takes the text along.
  async copy(event: WechatMiniprogram.TouchEvent) {
    const { id } = dataset<{ id: string }>(event);
    await this.act(async () => {
      const file = await get<object>(`/privacy/exports/${id}/file`);
      wx.setClipboardData({ data: JSON.stringify(file, null, 2) });
    });
  },
  erase() {
    wx.showModal({
      title: '注销账号？',
      content: '积分、优惠券和用药计划都会删除，不能恢复。提交后有一段时间可以反悔。',
      confirmText: '确认注销',
      cancelText: '再想想',
      success: async choice => {
        if (!choice.confirm) return;
        await this.act(() => post('/privacy/erasure', { confirm: true }, 'erasure'));
        await this.refresh();
      },
    });
  },
  async keep() {
    await this.act(() => remove('/privacy/erasure'));
    await this.refresh();
  },
});
