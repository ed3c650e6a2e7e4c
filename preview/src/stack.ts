import type { MadePage } from './host';
import { button, element } from './sheets';
import { program } from './program';

const most = 10;

/** The pages that are open, one over the other. */
export class Stack {
  private readonly pages: MadePage[] = [];

  constructor(
    private readonly phone: HTMLElement,
    private readonly make: (route: string, query: Record<string, string>, tab: boolean) => MadePage,
  ) {}

  /** What `getCurrentPages` answers. */
  get current(): { route: string }[] {
    return this.pages.map(page => page.instance);
  }

  get top(): MadePage | undefined {
    return this.pages.at(-1);
  }

  push(url: string): void {
    if (this.pages.length >= most) throw new Error('navigateTo:fail webview count limit exceed');
    this.top?.hide();
    this.open(url);
  }

  replace(url: string): void {
    this.pages.pop()?.close();
    this.open(url);
  }

  start(url: string): void {
    while (this.pages.length > 0) this.pages.pop()!.close();
    this.open(url);
  }

  back(): void {
    if (this.pages.length < 2) return this.start('/pages/home/index');
    this.pages.pop()!.close();
    this.top!.show();
    this.follow();
  }

  private open(url: string): void {
    const [path, search = ''] = url.replace(/^\//, '').split('?');
    if (!program.app.pages.includes(path)) throw new Error(`navigateTo:fail page "${path}" is not found`);
    const tab = program.app.tabBar.list.some(each => each.pagePath === path);
    const frame = element('section', 'frame');
    this.phone.querySelector('.screen')!.append(frame);
    frame.append(this.bar(path, tab));
    const page = this.make(path, Object.fromEntries(new URLSearchParams(search)), tab);
    this.pages.push(page);
    page.enter(frame);
    this.follow(search);
  }

  private bar(path: string, tab: boolean): HTMLElement {
    const bar = element('header', 'bar');
    if (!tab) {
      const first = this.pages.length === 0;
      const back = button('', first ? 'home' : 'back', () => this.back());
      back.setAttribute('aria-label', first ? '回到首页' : '返回');
      bar.append(back);
    }

    bar.append(element('span', 'bar-title', program.configs[path].navigationBarTitleText ?? program.app.window.navigationBarTitleText ?? ''));
    return bar;
  }

  private follow(search = ''): void {
    const page = this.top;
    if (page) history.replaceState(null, '', `${location.pathname}${location.search}#/${page.instance.route}${search && `?${search}`}`);
  }
}
