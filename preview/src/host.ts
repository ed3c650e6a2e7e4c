import { CodeSpace, glassEasel, MiniProgramEnv } from 'glass-easel-miniprogram-adapter';
import { elementMaker, openButton } from './elements';
import { program } from './program';
import { element } from './sheets';

type Lifetime = 'onLoad' | 'onShow' | 'onReady' | 'onHide' | 'onUnload' | 'onPullDownRefresh' | 'onShareAppMessage';
type Instance = { route: string } & Partial<Record<Lifetime, (query?: object) => unknown>>;

/** A page that was made: its instance, and its life. */
export interface MadePage {
  instance: Instance;
  enter(frame: HTMLElement): void;
  show(): void;
  hide(): void;
  close(): void;
}

/** Sends an event of WeChat's to whoever bound it. */
export function send(target: Element, event: string, detail: object): void {
  let at: Node | null = target;
  while (at && !('__wxElement' in at)) at = at.parentNode;
  if (at) glassEasel.triggerEvent((at as unknown as { __wxElement: glassEasel.Element }).__wxElement, event, detail, { bubbles: event === 'tap', composed: event === 'tap' });
}

/** The mini-program's code, loaded into glass-easel. */
export class Host {
  private readonly space: CodeSpace;
  private readonly backend;
  private readonly exports: Record<string, { exports: object }> = {};

  constructor() {
    const environment = new MiniProgramEnv();
    const context = new glassEasel.CurrentWindowBackendContext();
    (context as { document: unknown }).document = elementMaker(send);
    this.backend = environment.associateBackend(context as never);
    this.space = environment.createCodeSpace('', true);
    const style = element('style', '');
    style.textContent = program.style;
    document.head.append(style);
    for (const [path, config] of Object.entries(program.configs)) {
      this.space.addComponentStaticConfig(path, { ...config, usingComponents: { ...program.app.usingComponents, ...config.usingComponents } } as never);
      this.space.addCompiledTemplate(path, { groupList: program.templates, content: program.templates[path] } as never);
    }
  }

  /** Runs `app`, then the components, then the pages, as WeChat does. */
  load(): void {
    this.require('app');
    const units = Object.keys(program.configs);
    for (const path of units.filter(each => program.configs[each].component).concat(units.filter(each => !program.configs[each].component))) {
      this.space.globalComponentEnv(window, path, () => this.require(path));
    }
  }

  page(route: string, query: Record<string, string>, tab: boolean): MadePage {
    const root = this.backend.createRoot('page-root', this.space, route);
    const instance = root.get() as unknown as Instance;
    instance.route = route;
    let bar: ReturnType<typeof this.backend.createRoot> | null = null;
    let frame: HTMLElement | null = null;
    return {
      instance,
      enter: into => {
        frame = into;
        const page = element('page', 'content');
        const place = element('i', '');
        page.append(place);
        into.append(page);
        instance.onLoad?.(query);
        root.attach(page as never, place as never);
        if (tab) {
          bar = this.backend.createRoot('tab-bar', this.space, 'custom-tab-bar/index');
          const holder = element('page', 'tab-holder');
          const spot = element('i', '');
          holder.append(spot);
          into.append(holder);
          bar.attach(holder as never, spot as never);
        }

        instance.onShow?.();
        instance.onReady?.();
      },
      show: () => {
        frame!.hidden = false;
        instance.onShow?.();
      },
      hide: () => {
        instance.onHide?.();
        frame!.hidden = true;
      },
      close: () => {
        instance.onUnload?.();
        bar?.release();
        root.release();
        frame!.remove();
      },
    };
  }

  private require(path: string): object {
    const known = this.exports[path];
    if (known) return known.exports;
    const module = (this.exports[path] = { exports: {} });
    const define = program.modules[path];
    if (!define) throw new Error(`module '${path}.js' is not defined`);
    define(asked => this.require(resolve(path, asked)), module, module.exports);
    return module.exports;
  }
}

/** A click of a mouse, a finger or the keyboard is a tap. */
export function bridgeTaps(phone: HTMLElement, phoneCode: () => Promise<string | null>, share: () => void): void {
  phone.addEventListener('click', event => {
    const target = event.target as HTMLElement;
    if (!target.closest('.content, .tab-holder')) return;
    const button = target.closest<HTMLElement>('button[open-type]');
    send(target, 'tap', { x: event.clientX, y: event.clientY });
    if (button) openButton(button, send, phoneCode, share);
  });
}

function resolve(from: string, asked: string): string {
  const parts = asked.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of asked.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }

  return parts.join('/');
}
