import { list } from '../../api/member';
import { share } from '../../large-text';
import { dataset, definePage, open } from '../../page';
import { moment } from '../../words';

interface Item {
  id: string;
  kind: string;
  kindName: string;
  title: string;
  summary: string;
  at: string;
  read: boolean;
  page: string | null;
}

/** Every message lands here, also those that no other way could carry. */
definePage({
  data: { items: [] as (Item & { when: string })[] },
  async load() {
    const items = await list<Item>('/inbox', 100);
    share({ unread: items.filter(item => !item.read).length });
    return { items: items.map(item => ({ ...item, when: moment(item.at) })) };
  },
  read(event: WechatMiniprogram.TouchEvent) {
    open(`pages/inbox/detail?id=${dataset<{ id: string }>(event).id}`);
  },
});
