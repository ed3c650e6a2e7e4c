import { get, put } from '../../api/member';
import { share, shared } from '../../large-text';
import { definePage, open } from '../../page';
import { moment } from '../../words';

interface Message {
  id: string;
  kind: string;
  kindName: string;
  title: string;
  body: string;
  why: string;
  at: string;
  read: boolean;
  page: string | null;
  switch: { kind: string; on: boolean } | null;
}

const doors: Record<string, string> = {
  birthday: '去看生日礼',
  refill: '去看用药计划',
  dose: '去看今天的药',
  promotion: '去看活动',
  tip: '去看贴士',
  survey: '去回答',
  case_answered: '去看回复',
  recall: '去看召回说明',
};

/** One message: what it says, why it came, where it leads, and how to hear no more of its kind. */
definePage({
  data: { message: null as Message | null, when: '', door: '', on: true },
  async load(query) {
    const message = await get<Message>(`/inbox/${query.id}`);
    if (!message.read && shared().unread > 0) share({ unread: shared().unread - 1 });
    return { message, when: moment(message.at), door: message.page ? (doors[message.kind] ?? '去看看') : '', on: message.switch?.on ?? true };
  },
  go() {
    open(this.data.message!.page!);
  },
  async turn(event: WechatMiniprogram.SwitchChange) {
    const { value } = event.detail;
    const done = await this.act(() => put(`/inbox/switches/${this.data.message!.switch!.kind}`, { on: value }));
    this.setData({ on: done ? value : !value });
  },
});
