// The mini-program's components in miniprogram-simulate: TypeScript is made JavaScript in a folder of its own, nothing else changes.
import { transformSync } from 'esbuild';
import { JSDOM } from 'jsdom';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const source = join(dirname(fileURLToPath(import.meta.url)), '..', 'miniprogram');

const { window } = new JSDOM('<!doctype html><body></body>', { url: 'http://localhost' });
for (const name of ['window', 'document', 'Node', 'Element', 'HTMLElement', 'Text', 'Event', 'CustomEvent', 'MutationObserver', 'TouchEvent', 'requestAnimationFrame']) {
  Object.defineProperty(globalThis, name, { value: name === 'window' ? window : (window[name] ?? class {}), configurable: true, writable: true });
}

/** The program as WeChat's tool would build it; `path` of a module or component in it. */
export const built = mkdtempSync(join(tmpdir(), 'miniprogram-'));
cpSync(source, built, { recursive: true });
for (const file of readdirSync(built, { recursive: true }).filter(each => each.endsWith('.ts'))) {
  writeFileSync(join(built, file.replace(/\.ts$/, '.js')), transformSync(readFileSync(join(built, file), 'utf8'), { loader: 'ts', format: 'cjs' }).code);
}
process.on('exit', () => rmSync(built, { recursive: true, force: true }));

/** A phone that remembers, and notes what it was asked. */
export function phone(answers = {}) {
  const kept = new Map();
  const asked = [];
  globalThis.wx = {
    getStorageSync: key => kept.get(key) ?? '',
    setStorageSync: (key, value) => kept.set(key, value),
    removeStorageSync: key => kept.delete(key),
    login: ({ success }) => success({ code: 'code' }),
    showToast: options => asked.push(['toast', options.title]),
    showModal: options => {
      asked.push(['modal', options.title]);
      options.success?.({ confirm: answers.confirm ?? true });
    },
    navigateTo: options => asked.push(['open', options.url]),
    requestSubscribeMessage: options => {
      asked.push(['subscribe', options.tmplIds]);
      answers.subscribe ? options.success(answers.subscribe) : options.fail({ errMsg: 'fail' });
    },
    request: options => {
      const path = options.url.replace(/^https:\/\/[^/]+\/api\/member/, '');
      asked.push([`${options.method} ${path}`, options.data, options.header]);
      const answer = answers[`${options.method} ${path}`] ?? (path === '/session' ? { status: 200, body: { accessToken: 'a', refreshToken: 'r', expiresIn: 3600, state: 'member' } } : { status: 200, body: null });
      if (answer === 'lost') options.fail({ errMsg: 'request:fail' });
      else options.success({ statusCode: answer.status, data: answer.body });
    },
  };
  return { kept, asked };
}

/** A module of the program, fresh: what it remembered of an earlier test is gone. */
export function load(path) {
  for (const known of Object.keys(require.cache).filter(each => each.startsWith(built))) delete require.cache[known];
  return require(join(built, path));
}

/** A component with its properties, on the page, with the events that it sent. */
export function render(name, properties = {}) {
  const simulate = require('miniprogram-simulate');
  const id = simulate.load(join(built, 'components', name, name), name, { compiler: 'simulate' });
  const component = simulate.render(id, properties);
  component.attach(document.body);
  const events = [];
  for (const event of ['retry', 'act', 'answer', 'choose', 'change']) component.addEventListener(event, ({ detail }) => events.push([event, detail]));
  return {
    component,
    events,
    text: () => component.dom.textContent.replace(/\s+/g, ' ').trim(),
    tap: async text => {
      const all = component.querySelectorAll('.button, .scale-point');
      const found = all.find(each => each.dom.textContent.trim() === text);
      if (!found) throw new Error(`nothing says ${text}: ${all.map(each => each.dom.textContent)}`);
      found.dispatchEvent('tap');
      await simulate.sleep(5);
    },
    find: selector => component.querySelector(selector),
    sleep: simulate.sleep,
  };
}
