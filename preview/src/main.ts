import { makeCalls } from './calls';
import { bridgeTaps, Host } from './host';
import { codeFor, people, showDesk, whose } from './people';
import { dialog, element } from './sheets';
import { Stack } from './stack';

async function start(): Promise<void> {
  const all = await people();
  const key = whose(all);
  const phone = document.getElementById('phone')!;
  phone.append(statusBar(), element('div', 'screen'));

  const host = new Host();
  const stack: Stack = new Stack(phone, (route, query, tab) => host.page(route, query, tab));
  let app: object = {};
  Object.assign(window, {
    wx: makeCalls(key, stack),
    App: (definition: { onLaunch?: () => void }) => {
      app = definition;
      definition.onLaunch?.();
    },
    getApp: () => app,
    getCurrentPages: () => stack.current,
  });

  host.load();
  bridgeTaps(phone, () => allowPhone(key), () => share(stack));
  showDesk(all, key, () => {
    phone.classList.add('pulling');
    stack.top?.instance.onPullDownRefresh?.();
  });
  stack.start(location.hash.slice(1) || '/pages/home/index');
}

async function allowPhone(key: string): Promise<string | null> {
  return (await dialog('申请获取您的手机号', '仅用于识别您的会员记录', '允许', '不允许')) ? codeFor(key, 'phone') : null;
}

function share(stack: Stack): void {
  const shared = stack.top?.instance.onShareAppMessage?.() as { title?: string; path?: string } | undefined;
  void dialog('发送给朋友', `${shared?.title ?? ''}\n${shared?.path ?? ''}`, '知道了', null);
}

function statusBar(): HTMLElement {
  const bar = element('div', 'status');
  bar.append(element('span', '', '9:41'), element('span', 'status-right', '5G ▮▮▮'));
  bar.setAttribute('aria-hidden', 'true');
  return bar;
}

void start();
