import { get, post } from '../../api/member';
import { Refusal } from '../../api/refusal';
import { definePage, open } from '../../page';

interface Enrolment {
  programme: string;
  store: string | null;
  pharmacist: string;
  /** How many; which they are is health data, and shown only after the yes. */
  medicines: number;
  text: string;
  textVersion: string;
}

async function look(code: string) {
  return { code, enrolment: await get<Enrolment>(`/care-plan/enrolments/${encodeURIComponent(code)}`) };
}

/** What a pharmacist entered at the counter counts only when the member agrees, here, on the own phone. */
definePage({
  form: true,
  data: { code: '', enrolment: null as Enrolment | null },
  async load(query) {
    const code = query.code ?? (query.scene ? decodeURIComponent(query.scene) : '');
    return code ? look(code) : { code: '' };
  },
  type(event: WechatMiniprogram.Input) {
    this.setData({ code: event.detail.value.trim() });
  },
  async find() {
    if (!this.data.code) return wx.showToast({ title: '请填药师给您的登记码', icon: 'none' });
    await this.act(async () => {
      try {
        this.setData(await look(this.data.code));
      } catch (thrown) {
        if (thrown instanceof Refusal && thrown.status === 404) throw new Refusal(404, thrown.code, '没有找到这个登记码，请和药师核对');
        throw thrown;
      }
    });
  },
  async accept() {
    await this.answer(true);
  },
  async decline() {
    await this.answer(false);
  },
  async answer(accept: boolean) {
    const done = await this.act(() => post(`/care-plan/enrolments/${encodeURIComponent(this.data.code)}`, { accept }, `enrol:${this.data.code}:${accept}`));
    if (!done) return;
    wx.showToast({ title: accept ? '已加入用药计划' : '已拒绝', icon: 'success' });
    open('pages/plan/index');
  },
});
