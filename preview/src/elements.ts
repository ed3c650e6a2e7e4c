import { openSheet, pickFromList, pickFromInput } from './sheets';

// The built-in components. glass-easel makes an element by its name; these are the elements, with WeChat's events.

type Send = (target: Element, event: string, detail: object) => void;

/** A stand-in for the document, which glass-easel asks for elements. */
export function elementMaker(send: Send) {
  const makers: Record<string, () => HTMLElement> = {
    image: makeImage,
    input: () => typed(document.createElement('input'), send),
    textarea: () => typed(document.createElement('textarea'), send),
    switch: () => makeSwitch(send),
    picker: () => makePicker(send),
    button: () => {
      const button = document.createElement('button');
      button.type = 'button';
      return button;
    },
  };
  return {
    createElement: (tag: string) => makers[tag]?.() ?? document.createElement(tag),
    createTextNode: (text: string) => document.createTextNode(text),
    createDocumentFragment: () => document.createDocumentFragment(),
  };
}

/** What a tap on a button with an open type does besides the tap. */
export function openButton(button: HTMLElement, send: Send, phoneCode: () => Promise<string | null>, share: () => void): void {
  switch (button.getAttribute('open-type')) {
    case 'getPhoneNumber':
      void phoneCode().then(code => send(button, 'getphonenumber', code ? { code, errMsg: 'getPhoneNumber:ok' } : { errMsg: 'getPhoneNumber:fail user deny' }));
      break;
    case 'agreePrivacyAuthorization':
      send(button, 'agreeprivacyauthorization', {});
      break;
    case 'share':
      share();
      break;
  }
}

/** Attributes that mean something of their own are caught before they reach the element. */
function watch(element: HTMLElement, react: (name: string, value: string | null) => boolean): void {
  const set = element.setAttribute.bind(element);
  const remove = element.removeAttribute.bind(element);
  element.setAttribute = (name, value) => void (react(name, value) || set(name, value));
  element.removeAttribute = name => void (react(name, null) || remove(name));
}

function makeImage(): HTMLElement {
  const image = document.createElement('img');
  image.alt = '';
  image.decoding = 'async';
  watch(image, (name, value) => {
    if (name === 'aria-label') image.alt = value ?? '';
    if (name === 'mode') image.style.objectFit = value === 'aspectFill' ? 'cover' : 'contain';
    if (name !== 'src') return false;
    // A path of the mini-program's own; anything else is an address.
    image.src = value?.startsWith('/') ? value.slice(1) : (value ?? '');
    return true;
  });
  return image;
}

function typed(field: HTMLInputElement | HTMLTextAreaElement, send: Send): HTMLElement {
  watch(field, (name, value) => {
    if (name === 'value') {
      if (field.value !== (value ?? '')) field.value = value ?? '';
      return true;
    }

    if (name !== 'type') return false;
    field.inputMode = value === 'number' ? 'numeric' : value === 'digit' ? 'decimal' : 'text';
    return true;
  });
  field.addEventListener('input', () => send(field, 'input', { value: field.value, cursor: field.value.length }));
  return field;
}

function makeSwitch(send: Send): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'wx-switch';
  element.setAttribute('role', 'switch');
  const show = (on: boolean) => element.setAttribute('aria-checked', String(on));
  show(false);
  watch(element, (name, value) => {
    if (name === 'class') {
      element.className = `wx-switch ${value ?? ''}`;
      return true;
    }

    if (name === 'color') element.style.setProperty('--on', value);
    if (name !== 'checked') return false;
    show(value !== null && value !== 'false');
    return true;
  });
  element.addEventListener('click', () => {
    const on = element.getAttribute('aria-checked') !== 'true';
    show(on);
    send(element, 'change', { value: on });
  });
  return element;
}

function makePicker(send: Send): HTMLElement {
  const element = document.createElement('picker');
  element.setAttribute('role', 'button');
  element.tabIndex = 0;
  const open = async () => {
    const label = element.getAttribute('aria-label') ?? '请选择';
    const value = element.getAttribute('value') ?? '';
    const mode = element.getAttribute('mode') ?? 'selector';
    const chosen = mode === 'selector'
      ? await openSheet(label, sheet => pickFromList(sheet, (element.getAttribute('range') ?? '').split(','), Number(value)))
      : await openSheet(label, sheet => pickFromInput(sheet, mode === 'date' ? 'date' : 'time', value, element.getAttribute('start'), element.getAttribute('end')));
    if (chosen !== null) send(element, 'change', { value: chosen });
  };
  element.addEventListener('click', () => void open());
  element.addEventListener('keydown', key => void (key.key === 'Enter' && open()));
  return element;
}
