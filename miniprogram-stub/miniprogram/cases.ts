export interface Case {
  id: string;
  category: string;
  text: string;
  at: string;
  state: string;
}

export interface CaseDetail extends Case {
  thread: { at: string; from: string; text: string; photos: string[] }[];
  done: string | null;
  rating: number | null;
}

export const categories = [
  { key: 'consultation', name: '问药师' },
  { key: 'complaint', name: '投诉' },
  { key: 'after_sale', name: '售后' },
];

const names: Record<string, string> = { consultation: '问药师', complaint: '投诉', after_sale: '售后', call: '电话记录' };
const states: Record<string, string> = { open: '待处理', new: '待处理', assigned: '处理中', in_progress: '处理中', waiting: '等您回复', answered: '已回复', done: '已解决', resolved: '已解决', closed: '已结束', reopened: '重新处理' };

export function caseWords(each: Case) {
  return { title: names[each.category] ?? '服务', words: states[each.state] ?? each.state, over: ['done', 'resolved', 'closed'].includes(each.state) };
}
