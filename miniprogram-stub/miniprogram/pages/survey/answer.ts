import { get, list, post } from '../../api/member';
import { dataset, definePage } from '../../page';

interface Survey {
  title: string;
  version: number;
  anonymousAllowed: boolean;
  questions: { id: string; text: string; kind: 'score5' | 'score10' | 'text' | 'choice'; optional?: boolean; options?: (string | { id: string; text: string })[] }[];
}

type Value = number | string;

/** One survey. Opened from a message without an id, it is the first that waits. */
definePage({
  form: true,
  data: { id: '', survey: null as Survey | null, answers: {} as Record<string, Value>, anonymous: false, done: false },
  async load(query) {
    const id = query.id ?? (await list<{ id: string }>('/surveys'))[0]?.id ?? '';
    if (!id) return { id };
    const survey = await get<Survey>(`/surveys/${id}`);
    return { id, survey: { ...survey, questions: survey.questions.map(question => ({ ...question, options: (question.options ?? []).map(each => (typeof each === 'string' ? { id: each, text: each } : each)) })) } };
  },
  score(event: WechatMiniprogram.CustomEvent<{ value: number }>) {
    this.put(dataset<{ question: string }>(event).question, event.detail.value);
  },
  pick(event: WechatMiniprogram.TouchEvent) {
    const { question, option } = dataset<{ question: string; option: string }>(event);
    this.put(question, option);
  },
  type(event: WechatMiniprogram.Input) {
    this.put(dataset<{ question: string }>(event).question, event.detail.value);
  },
  put(question: string, value: Value) {
    this.setData({ answers: { ...this.data.answers, [question]: value } });
  },
  turnAnonymous(event: WechatMiniprogram.SwitchChange) {
    this.setData({ anonymous: event.detail.value });
  },
  async send() {
    const { id, survey, answers, anonymous } = this.data;
    const missing = survey!.questions.find(question => question.kind !== 'text' && !question.optional && answers[question.id] === undefined);
    if (missing) return wx.showToast({ title: `还没有回答：${missing.text}`, icon: 'none' });
    const given = Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== ''));
    if (await this.act(() => post(`/surveys/${id}/answers`, { version: survey!.version, anonymous, answers: given }, `survey:${id}:${survey!.version}`))) this.setData({ done: true });
  },
  back() {
    wx.switchTab({ url: '/pages/home/index' });
  },
});
