import { button, element } from './sheets';

/** Whom the phone belongs to. */
export interface Person {
  key: string;
  name: string;
  text: string;
}

const chosen = 'preview:person';

export async function people(): Promise<Person[]> {
  const answer = await fetch('people', { headers: { accept: 'application/json' } });
  return answer.ok ? ((await answer.json()) as { items: Person[] }).items : [];
}

/** From the address (`?as=…`), else the last choice, else the first. */
export function whose(all: Person[]): string {
  const asked = new URLSearchParams(location.search).get('as') ?? localStorage.getItem(chosen) ?? '';
  const key = all.some(person => person.key === asked) ? asked : (all[0]?.key ?? 'visitor');
  localStorage.setItem(chosen, key);
  return key;
}

/** A code of the sandbox, as WeChat gives one to `wx.login` and to the phone button; null when it was refused. */
export async function codeFor(key: string, kind: 'login' | 'phone'): Promise<string | null> {
  const answer = await fetch(`codes?as=${encodeURIComponent(key)}&kind=${kind}`, { method: 'POST' });
  return answer.ok ? ((await answer.json()) as { code: string }).code : null;
}

/** What stands beside the phone. */
export function showDesk(all: Person[], key: string, again: () => void): void {
  const desk = document.getElementById('desk')!;
  desk.append(element('h1', '', '小程序预览'), element('p', '', '会员小程序自己的页面，一字不改，在浏览器里运行。选一个人看看：'));
  const choice = element('nav', '');
  for (const person of all) {
    const link = element('a', person.key === key ? 'on' : '') as HTMLAnchorElement;
    link.href = `/preview?as=${encodeURIComponent(person.key)}`;
    if (person.key === key) link.setAttribute('aria-current', 'true');
    link.append(element('strong', '', person.name), element('span', '', person.text));
    choice.append(link);
  }

  desk.append(choice, button('下拉刷新', '', again), button('清空这部手机', '', () => {
    forget(key);
    location.href = `/preview?as=${encodeURIComponent(key)}`;
  }));
}

/** The storage of one person's phone. */
export function storageOf(key: string) {
  const prefix = `preview:${key}:`;
  return {
    get: (name: string): unknown => {
      const text = localStorage.getItem(prefix + name);
      return text === null ? '' : JSON.parse(text);
    },
    set: (name: string, value: unknown) => localStorage.setItem(prefix + name, JSON.stringify(value)),
    remove: (name: string) => localStorage.removeItem(prefix + name),
  };
}

function forget(key: string): void {
  Object.keys(localStorage).filter(name => name.startsWith(`preview:${key}:`)).forEach(name => localStorage.removeItem(name));
}
