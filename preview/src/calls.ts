import { codeFor, storageOf } from './people';
import { dialog, openSheet, subscribePanel, toast } from './sheets';
import type { Stack } from './stack';

type Callbacks<T = object> = { success?: (answer: T) => void; fail?: (answer: { errMsg: string }) => void; complete?: () => void };

/** The calls of SUPPORTED.md, as `wx`. */
export function makeCalls(key: string, stack: Stack) {
  const storage = storageOf(key);
  let tapping = false;
  let asking = false;
  let brightness = 0.5;
  // WeChat shows the subscribe panel within a tap only, not after the answer to a request; so is it here.
  const tap = () => {
    tapping = true;
    setTimeout(() => (tapping = false));
  };
  document.addEventListener('click', tap, { capture: true });

  const calls = {
    request({ url, method = 'GET', data, header = {}, timeout = 60_000, success, fail, complete }: { url: string; method?: string; data?: unknown; header?: Record<string, string>; timeout?: number } & Callbacks<object>) {
      fetch(here(url), { method, headers: header, body: data === undefined ? undefined : JSON.stringify(data), signal: AbortSignal.timeout(timeout) })
        .then(async answer => {
          const said = parsed(await answer.text());
          learnTitles(said);
          success?.({ statusCode: answer.status, data: said, header: Object.fromEntries(answer.headers) });
        })
        .catch((error: unknown) => fail?.({ errMsg: `request:fail ${String(error)}` }))
        .finally(() => complete?.());
    },
    uploadFile({ url, filePath, name, header = {}, success, fail }: { url: string; filePath: string; name: string; header?: Record<string, string> } & Callbacks<object>) {
      fetch(filePath)
        .then(file => file.blob())
        .then(blob => {
          const form = new FormData();
          form.append(name, blob, 'photo');
          return fetch(here(url), { method: 'POST', headers: header, body: form });
        })
        .then(async answer => success?.({ statusCode: answer.status, data: await answer.text() }))
        .catch((error: unknown) => fail?.({ errMsg: `uploadFile:fail ${String(error)}` }));
    },
    login({ success, fail }: Callbacks<{ code: string }>) {
      codeFor(key, 'login').then(code => (code ? success?.({ code }) : fail?.({ errMsg: 'login:fail' })), () => fail?.({ errMsg: 'login:fail' }));
    },

    getStorageSync: storage.get,
    setStorageSync: storage.set,
    removeStorageSync: storage.remove,

    navigateTo: ({ url }: { url: string }) => stack.push(url),
    redirectTo: ({ url }: { url: string }) => stack.replace(url),
    reLaunch: ({ url }: { url: string }) => stack.start(url),
    switchTab: ({ url }: { url: string }) => stack.start(url),
    navigateBack: () => stack.back(),

    hideHomeButton: () => document.querySelector('.frame:last-child .home')?.remove(),

    showToast: ({ title, icon, duration }: { title: string; icon?: string; duration?: number }) => toast(title, icon, duration),
    showModal({ title = '', content = '', confirmText = '确定', cancelText = '取消', showCancel = true, success }: { title?: string; content?: string; confirmText?: string; cancelText?: string; showCancel?: boolean } & Callbacks<{ confirm: boolean; cancel: boolean }>) {
      void dialog(title, content, confirmText, showCancel ? cancelText : null).then(confirm => success?.({ confirm: confirm === true, cancel: confirm !== true }));
    },
    requestSubscribeMessage({ tmplIds, success, fail }: { tmplIds: string[] } & Callbacks<Record<string, string>>) {
      if (!tapping) return fail?.({ errMsg: 'requestSubscribeMessage:fail can only be invoked by user TAP gesture.' });
      if (tmplIds.length > 5) return fail?.({ errMsg: 'requestSubscribeMessage:fail 20003' });
      if (asking) return fail?.({ errMsg: 'requestSubscribeMessage:fail last call has not ended' });
      asking = true;
      void subscribePanel(tmplIds.map(id => ({ id, title: titles.get(id) ?? id }))).then(chosen => {
        asking = false;
        success?.({ errMsg: 'requestSubscribeMessage:ok', ...(chosen ?? Object.fromEntries(tmplIds.map(id => [id, 'reject']))) });
      });
    },

    getScreenBrightness: ({ success }: Callbacks<{ value: number }>) => success?.({ value: brightness }),
    setScreenBrightness({ value, success }: { value: number } & Callbacks) {
      brightness = value;
      document.getElementById('phone')!.dataset.brightness = String(value);
      success?.({});
    },
    setClipboardData({ data, success }: { data: string } & Callbacks) {
      navigator.clipboard?.writeText(data).catch((error: unknown) => console.warn('the clipboard is closed', error));
      toast('内容已复制', 'success');
      success?.({});
    },
    makePhoneCall: ({ phoneNumber }: { phoneNumber: string }) => void dialog('拨打电话', phoneNumber, '知道了', null),
    chooseMedia({ success, fail }: Callbacks<{ tempFiles: { tempFilePath: string; size: number }[] }>) {
      void openSheet<File>('选一张照片', ({ body, close }) => {
        const input = document.createElement('input');
        input.type = 'file';
        input.accept = 'image/*';
        input.addEventListener('change', () => close(input.files?.[0] ?? null));
        body.append(input);
      }).then(file => (file ? success?.({ tempFiles: [{ tempFilePath: URL.createObjectURL(file), size: file.size }] }) : fail?.({ errMsg: 'chooseMedia:fail cancel' })));
    },
    addPhoneRepeatCalendar({ title, startTime, repeatInterval = 'month', success, fail }: { title: string; startTime: number; repeatInterval?: string } & Callbacks) {
      void dialog('加到手机日历', `${title} · ${new Date(startTime * 1000).toLocaleString('zh-CN', { timeZone: 'Asia/Shanghai' })} · 每 ${repeatInterval}`, '添加', '取消')
        .then(yes => (yes ? success?.({}) : fail?.({ errMsg: 'addPhoneRepeatCalendar:fail cancel' })));
    },
    stopPullDownRefresh: () => document.getElementById('phone')!.classList.remove('pulling'),
  };

  return new Proxy(calls, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target];
      throw new Error(`wx.${String(name)} is not supported by the preview: see preview/SUPPORTED.md`);
    },
  });
}

// The mini-program names its registered domain; the preview is served by the same program that has the API.
function here(url: string): string {
  const asked = new URL(url);
  return `${location.origin}${asked.pathname}${asked.search}`;
}

// WeChat has the templates of an account itself; here their titles are those that the server names with them.
const titles = new Map<string, string>();

function learnTitles(answer: unknown): void {
  const items = (answer as { items?: { templateId?: string; title?: string }[] } | null)?.items;
  for (const { templateId, title } of Array.isArray(items) ? items : []) {
    if (templateId && title) titles.set(templateId, title);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // WeChat too hands over what is no JSON as it is.
    return text;
  }
}
