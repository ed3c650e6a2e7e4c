export interface Case {
  id: string;
  category: string;
  title: string;
  at: string;
  state: string;
}

export interface CaseDetail extends Omit<Case, 'title'> {
  thread: { at: string; from: 'member' | 'staff' | 'house'; speaker: string; text: string; photos: string[] }[];
  done: string | null;
  rating: number | null;
}

/** What a person may open; the others are opened for them. */
export const categories = [
  { key: 'pharmacist', name: '问药师' },
  { key: 'consultation', name: '咨询' },
  { key: 'complaint', name: '投诉' },
  { key: 'after_sale', name: '售后' },
];

const names: Record<string, string> = { pharmacist: '问药师', consultation: '咨询', complaint: '投诉', after_sale: '售后', call: '电话记录' };
const states: Record<string, string> = { open: '处理中', answered: '已回复', done: '已办结' };

export function caseWords(each: Pick<Case, 'category' | 'state'>) {
  return { kind: names[each.category] ?? '服务', words: states[each.state] ?? each.state, over: each.state === 'done' };
}
