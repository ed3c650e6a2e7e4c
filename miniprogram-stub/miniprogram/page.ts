import { Refusal } from './api/refusal';
import { sessionState } from './api/session';
import { shared } from './large-text';
import { guideSeen } from './privacy';

/** What every page shows of itself: it loads, is ready, failed, or is for members only. */
export interface PageState {
  state: 'loading' | 'ready' | 'error' | 'visitor';
  problem: string;
  busy: boolean;
  large: string;
}

export type Query = Record<string, string | undefined>;

/** What every page can do besides its own methods. */
export interface PageDeeds {
  /** Loads again; bound to the retry button and to pulling down. */
  refresh(): Promise<void>;
  /** Does something that a tap asked for: one at a time, and a refusal is said in words. False when it was refused. */
  act(deed: () => Promise<void>): Promise<boolean>;
  /** What the page was opened with. */
  query: Query;
}

interface PageSpec<D extends object> {
  data: D;
  /** What the page shows, fetched when it appears. */
  load?(query: Query): Promise<Partial<D> | void>;
  /** Loaded once: a page with a form must not lose what was typed. */
  form?: boolean;
  /** Open before the privacy guide was read: only the guide itself. */
  beforeGuide?: boolean;
}

type Instance<D extends object, M> = WechatMiniprogram.Page.Instance<D & PageState, M & PageDeeds & WechatMiniprogram.IAnyObject>;

type Common = WechatMiniprogram.Page.Instance<PageState, PageDeeds & WechatMiniprogram.IAnyObject>;

/** A page of this mini-program: it loads with a state for each outcome, and knows large text and the privacy guide. */
export function definePage<D extends object, M extends object>(spec: PageSpec<D> & M & ThisType<Instance<D, M> & M & PageDeeds & { data: D & PageState }>): void {
  const { data, load, form, beforeGuide, ...methods } = spec;
  const page = {
    ...methods,
    data: { ...data, state: 'loading', problem: '', busy: false, large: shared().large },

    onLoad(this: Common, query: Query) {
      this.query = query;
    },

    onShow(this: Common) {
      this.setData({ large: shared().large });
      this.watcher = () => this.setData({ large: shared().large });
      shared().watchers.push(this.watcher);
      if (!beforeGuide && !guideSeen()) {
        wx.reLaunch({ url: '/pages/privacy/guide' });
        return;
      }

      if (this.shown && form) return;
      this.shown = true;
      this.refresh();
    },

    onHide(this: Common) {
      this.onClose?.();
      shared().watchers = shared().watchers.filter(each => each !== this.watcher);
    },

    onUnload(this: Common) {
      this.onClose?.();
      shared().watchers = shared().watchers.filter(each => each !== this.watcher);
    },

    async onPullDownRefresh(this: Common) {
      await this.refresh();
      wx.stopPullDownRefresh();
    },

    async refresh(this: Common) {
      if (this.data.state !== 'ready') this.setData({ state: 'loading', problem: '' });
      try {
        const loaded = await load?.call(this as never, this.query);
        this.setData({ ...loaded, state: 'ready', problem: '' });
      } catch (thrown) {
        this.setData({ state: thrown instanceof Refusal && thrown.status === 403 && sessionState() === 'visitor' ? 'visitor' : 'error', problem: Refusal.words(thrown) });
        if (!(thrown instanceof Refusal)) throw thrown;
      }
    },

    async act(this: Common, deed: () => Promise<void>): Promise<boolean> {
      if (this.data.busy) return false;
      this.setData({ busy: true });
      try {
        await deed();
        return true;
      } catch (thrown) {
        wx.showModal({ title: '没有成功', content: Refusal.words(thrown), showCancel: false, confirmText: '知道了' });
        if (!(thrown instanceof Refusal)) throw thrown;
        return false;
      } finally {
        this.setData({ busy: false });
      }
    },
  };
  // What is common knows the common part only; the type of the whole is held where a page is written.
  Page(page as WechatMiniprogram.Page.Options<PageState, WechatMiniprogram.IAnyObject>);
}

/** Opens a page of ours from a link that the server gave; pages of the tab bar are switched to. */
export function open(page: string): void {
  const url = page.startsWith('/') ? page : `/${page}`;
  if (tabs.includes(url.split('?')[0])) wx.switchTab({ url: url.split('?')[0] });
  else wx.navigateTo({ url });
}

const tabs = ['/pages/home/index', '/pages/plan/index', '/pages/coupon/wallet', '/pages/inbox/list', '/pages/me/index'];

/** The `data-…` of the element that was tapped. */
export function dataset<T extends object>(event: WechatMiniprogram.BaseEvent): T {
  return event.currentTarget.dataset as T;
}
