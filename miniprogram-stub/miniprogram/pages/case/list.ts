import { list } from '../../api/member';
import { caseWords, type Case } from '../../cases';
import { dataset, definePage, open } from '../../page';
import { moment } from '../../words';

/** What I asked or complained about, and how far it is. */
definePage({
  data: { cases: [] as (Case & { kind: string; words: string; when: string; over: boolean })[] },
  async load() {
    return { cases: (await list<Case>('/cases', 50)).map(each => ({ ...each, ...caseWords(each), when: moment(each.at) })) };
  },
  look(event: WechatMiniprogram.TouchEvent) {
    open(`pages/case/detail?id=${dataset<{ id: string }>(event).id}`);
  },
  ask() {
    open('pages/case/new');
  },
});
