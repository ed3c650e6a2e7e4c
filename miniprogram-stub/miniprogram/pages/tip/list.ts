import { list } from '../../api/member';
import { dataset, definePage, open } from '../../page';

interface Tip {
  id: string;
  title: string;
  summary: string;
  reason: string;
  tags: string[];
}

/** Tips, each with the reason why it is shown. */
definePage({
  data: { tips: [] as Tip[] },
  async load() {
    return { tips: await list<Tip>('/tips', 50) };
  },
  read(event: WechatMiniprogram.TouchEvent) {
    open(`pages/tip/detail?id=${dataset<{ id: string }>(event).id}`);
  },
});
