import { list } from '../../api/member';
import { dataset, definePage, open } from '../../page';
import { day } from '../../words';

interface Survey {
  id: string;
  title: string;
  mode: string;
  until: string | null;
}

/** Surveys that wait for an answer. */
definePage({
  data: { surveys: [] as (Survey & { words: string })[] },
  async load() {
    return { surveys: (await list<Survey>('/surveys')).map(survey => ({ ...survey, words: survey.until ? `${day(survey.until)}前` : '随时' })) };
  },
  answer(event: WechatMiniprogram.TouchEvent) {
    open(`pages/survey/answer?id=${dataset<{ id: string }>(event).id}`);
  },
});
