// What WeChat lays over a page: dialogs, sheets, toasts. Everything stays within the phone.

export interface Sheet<T> {
  body: HTMLElement;
  close(answer: T): void;
}

function phone(): HTMLElement {
  return document.getElementById('phone')!;
}

/** A layer over the page; it closes with an answer, or with null. */
export function openSheet<T>(title: string, fill: (sheet: Sheet<T | null>) => void, kind: 'sheet' | 'dialog' = 'sheet'): Promise<T | null> {
  return new Promise(resolve => {
    const veil = element('div', `veil ${kind}`);
    const card = element('div', 'layer');
    card.setAttribute('role', 'dialog');
    card.setAttribute('aria-label', title);
    if (title) card.append(element('h2', '', title));
    const body = element('div', 'layer-body');
    card.append(body);
    veil.append(card);
    const before = document.activeElement as HTMLElement | null;
    const close = (answer: T | null) => {
      veil.remove();
      before?.focus?.({ preventScroll: true });
      resolve(answer);
    };
    veil.addEventListener('click', event => void (event.target === veil && kind === 'sheet' && close(null)));
    card.addEventListener('keydown', event => void (event.key === 'Escape' && kind === 'sheet' && close(null)));
    fill({ body, close });
    phone().append(veil);
    (card.querySelector('input, button.main') as HTMLElement | null)?.focus({ preventScroll: true });
  });
}

export function dialog(title: string, text: string, confirm: string, cancel: string | null): Promise<boolean | null> {
  return openSheet<boolean>(title, ({ body, close }) => {
    body.append(element('p', '', text));
    const row = element('div', 'layer-row');
    if (cancel !== null) row.append(button(cancel, '', () => close(false)));
    row.append(button(confirm, 'main', () => close(true)));
    body.append(row);
  }, 'dialog');
}

export function pickFromList(sheet: Sheet<string | number | null>, range: string[], at: number): void {
  range.forEach((text, index) => sheet.body.append(button(text, index === at ? 'main' : '', () => sheet.close(index))));
}

export function pickFromInput(sheet: Sheet<string | number | null>, type: 'date' | 'time', value: string, from: string | null, to: string | null): void {
  const input = document.createElement('input');
  input.type = type;
  input.value = value;
  if (from) input.min = from;
  if (to) input.max = to;
  sheet.body.append(input, button('确定', 'main', () => sheet.close(input.value || null)));
}

/** The panel of subscribe messages: what was chosen for each template. */
export function subscribePanel(templates: { id: string; title: string }[]): Promise<Record<string, 'accept' | 'reject'> | null> {
  return openSheet<Record<string, 'accept' | 'reject'>>('康宁大药房 申请给您发送消息', ({ body, close }) => {
    const boxes = templates.map(({ id, title }) => {
      const label = element('label', 'layer-check');
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.checked = true;
      label.append(box, document.createTextNode(` ${title}`));
      body.append(label);
      return { id, box };
    });
    const answer = (allowed: boolean) => Object.fromEntries(boxes.map(({ id, box }) => [id, allowed && box.checked ? 'accept' as const : 'reject' as const]));
    const row = element('div', 'layer-row');
    row.append(button('拒绝', '', () => close(answer(false))), button('允许', 'main', () => close(answer(true))));
    body.append(row);
  });
}

let leaving = 0;

export function toast(text: string, icon: string | undefined, duration = 2000): void {
  phone().querySelector('.toast')?.remove();
  const note = element('div', 'toast', icon === 'success' ? `✓ ${text}` : text);
  note.setAttribute('role', 'status');
  phone().append(note);
  clearTimeout(leaving);
  leaving = window.setTimeout(() => note.remove(), duration);
}

export function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function button(text: string, className: string, press: () => void): HTMLButtonElement {
  const made = element('button', className, text) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}
