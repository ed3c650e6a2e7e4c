'use strict';

const YUAN_PER_PART = 0.05; // the list price of small packages, in whole fen
const KEPT = 5000;          // newest messages held by the page
const LISTED = 200;         // people shown at once
const POLL_MS = 1500;
const AWAITING_MS = 30000;  // how long a missing receipt is looked for

const words = {
  zh: {
    title: '演示收件箱', notice: '人物虚构，号码未分配，消息不会离开本机', otherLanguage: 'English',
    search: '搜索手机号、openid 或内容', reply: '回复短信', send: '发送', replyR: '回复 R',
    all: '全部', wechat_subscribe: '微信订阅消息', aliyun_sms: '短信',
    accepted: '等待回执', delivered: '已送达', undelivered: '未送达',
    messages: '消息', reached: '已送达', failed: '未送达', refused: '被拒', cost: '短信费用',
    open: '进入小程序查看', service: '服务通知', allow: '允许再次提醒', reject: '拒收',
    allowed: '已允许再接收一次该提醒', rejected: '已拒收该模板的消息', parts: n => `${n} 条`, count: n => `${n}`,
    empty: '还没有消息。发送后会出现在这里。', choose: '从左侧选择一位收件人', more: n => `另有 ${n} 位收件人，请搜索`,
    offline: '沙箱已停止', smsFrom: '短信', unknownTemplate: '订阅消息',
  },
  en: {
    title: 'Demo inbox', notice: 'Invented people, unassigned numbers, nothing leaves this machine', otherLanguage: '中文',
    search: 'Search phone, openid or text', reply: 'Reply by SMS', send: 'Send', replyR: 'Reply R',
    all: 'All', wechat_subscribe: 'WeChat', aliyun_sms: 'SMS',
    accepted: 'awaiting receipt', delivered: 'delivered', undelivered: 'undelivered',
    messages: 'messages', reached: 'delivered', failed: 'undelivered', refused: 'refused', cost: 'SMS cost',
    open: 'Open in mini-program', service: 'Service notice', allow: 'Allow again', reject: 'Turn off',
    allowed: 'One more of these is allowed', rejected: 'This template is turned off', parts: n => `${n} part${n === 1 ? '' : 's'}`, count: n => `${n}`,
    empty: 'No messages yet. They appear here as they are sent.', choose: 'Choose a recipient on the left', more: n => `${n} more recipients: search for them`,
    offline: 'The sandbox has stopped', smsFrom: 'SMS', unknownTemplate: 'Subscribe message',
  },
};

const address = new URLSearchParams(location.search);
const state = {
  lang: address.get('lang') === 'en' ? 'en' : 'zh',
  channel: address.get('channel') ?? '',
  search: address.get('q') ?? '',
  to: address.get('to') ?? '',
  next: null,
  messages: new Map(),   // seq -> message
  firstSeen: new Map(),  // seq -> when the page first saw it without a receipt
  opened: new Set(),     // cards whose page is shown
  shown: '',             // person and number of items on the phone
  said: [],              // what was tapped or replied on this page
  templates: new Map(),
};

const $ = id => document.getElementById(id);
const t = key => words[state.lang][key];
const yuan = parts => `¥${(parts * YUAN_PER_PART).toFixed(3)}`;
const timeOf = at => at.slice(11, 16);
const dayOf = at => at.slice(5, 10).replace('-', '/');

// Text goes in as text: a message is a stranger's words.
function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter(child => child !== null));
  return node;
}

async function call(method, path, body) {
  const response = await fetch(path, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

// --- reading -----------------------------------------------------------------------------------

// Receipts change what was read before, so a poll starts at the oldest message that still waits for one.
function pollFrom() {
  let from = state.next;
  const now = Date.now();
  for (const [seq, seen] of state.firstSeen) {
    if (now - seen > AWAITING_MS) state.firstSeen.delete(seq);
    else from = Math.min(from, seq - 1);
  }
  return from;
}

function take(page) {
  let changed = false;
  for (const seq of state.messages.keys()) {
    if (seq >= page.first) break;
    state.messages.delete(seq);
    state.firstSeen.delete(seq);
    changed = true;
  }
  for (const message of page.messages) {
    changed ||= state.messages.get(message.seq)?.status !== message.status;
    state.messages.set(message.seq, message);
    if (message.status !== 'accepted') state.firstSeen.delete(message.seq);
    else if (!state.firstSeen.has(message.seq)) state.firstSeen.set(message.seq, Date.now());
  }
  for (const seq of state.messages.keys()) {
    if (state.messages.size <= KEPT) break;
    state.messages.delete(seq);
    state.firstSeen.delete(seq);
  }
  return changed;
}

async function readTemplates() {
  const setup = await call('GET', '/_sandbox/setup');
  state.templates = new Map((setup.wechat?.templates ?? []).map(template => [template.id, template]));
}

async function poll() {
  try {
    if (state.next === null) {
      await readTemplates();
      const { last } = await call('GET', '/_sandbox/messages?limit=0');
      state.next = Math.max(0, last - KEPT);
    }
    let changed = false;
    for (let full = true; full;) {
      const page = await call('GET', `/_sandbox/messages?since=${pollFrom()}&limit=1000`);
      full = page.messages.length === 1000 && page.next > state.next;
      state.next = Math.max(state.next, page.next);
      changed = take(page) || changed;
    }
    const unknown = [...state.messages.values()].some(m => m.channel === 'wechat_subscribe' && !state.templates.has(m.templateId));
    if (changed && unknown) await readTemplates();
    showTotals(await call('GET', '/_sandbox/stats'));
    if (changed) show();
  } catch {
    $('totals').replaceChildren(el('div', {}, el('dt', { textContent: t('offline') })));
  }
  setTimeout(poll, POLL_MS);
}

// --- showing -----------------------------------------------------------------------------------

function showTotals(stats) {
  let delivered = 0, undelivered = 0, parts = 0;
  for (const message of state.messages.values()) {
    delivered += message.status === 'delivered';
    undelivered += message.status === 'undelivered';
    parts += message.parts;
  }
  const figures = [['messages', stats.accepted], ['reached', delivered], ['failed', undelivered], ['refused', stats.refused],
    ['cost', `¥${(parts * YUAN_PER_PART).toFixed(2)}`]];
  $('totals').replaceChildren(...figures.map(([key, value]) =>
    el('div', {}, el('dt', { textContent: t(key) }), el('dd', { textContent: value.toLocaleString('en') }))));
}

function people() {
  const wanted = state.search.trim().toLowerCase();
  const byPerson = new Map();
  for (const message of state.messages.values()) {
    if (state.channel && message.channel !== state.channel) continue;
    const key = `${message.channel}/${message.to}`;
    const person = byPerson.get(key) ?? { to: message.to, channel: message.channel, count: 0, hit: false };
    person.count++;
    person.last = message;
    person.hit ||= !wanted || `${message.to} ${message.text} ${message.reference}`.toLowerCase().includes(wanted);
    byPerson.set(key, person);
  }
  return [...byPerson.values()].filter(person => person.hit).sort((a, b) => b.last.seq - a.last.seq);
}

const shownName = (to, channel) => channel === 'aliyun_sms' ? `${to.slice(0, 3)} ${to.slice(3, 7)} ${to.slice(7)}` : to;

function titleOf(message) {
  return message.channel === 'aliyun_sms' ? message.text.replace(/^【.*?】/, '')
    : state.templates.get(message.templateId)?.title ?? (message.text.split('\n')[0] || t('unknownTemplate'));
}

function personRow(person) {
  const row = el('button', { type: 'button', className: person.channel, onclick: () => choose(person.to) },
    el('span', { className: 'avatar', textContent: person.channel === 'aliyun_sms' ? person.to.slice(-4) : '微信' }),
    el('span', { className: 'name', textContent: shownName(person.to, person.channel), title: person.to }),
    el('span', { className: 'when', textContent: timeOf(person.last.at) }),
    el('span', { className: 'last', textContent: titleOf(person.last) }),
    el('span', { className: 'count', textContent: person.count, hidden: person.count < 2 }));
  row.setAttribute('aria-current', person.to === state.to);
  return el('li', {}, row);
}

function card(message) {
  const template = state.templates.get(message.templateId);
  const rows = Object.entries(message.data).flatMap(([key, value]) =>
    [el('dt', { textContent: template?.keywords[key] ?? key }), el('dd', { textContent: value })]);
  const page = el('span', { className: 'page', textContent: message.page, hidden: !state.opened.has(message.seq) });
  return el('li', { className: 'card' },
    el('div', { className: 'source' }, el('span', { textContent: t('service') }), el('span', { textContent: timeOf(message.at) })),
    el('h2', { textContent: titleOf(message) }),
    el('dl', {}, ...rows),
    el('button', { type: 'button', className: 'open', hidden: !message.page, onclick: () => openPage(message.seq) },
      el('span', { textContent: t('open') }), el('span', { textContent: '›' })),
    page);
}

function metaLine(message, ...extra) {
  return el('li', { className: 'meta' }, el('span', { className: message.status, textContent: t(message.status) }), ...extra);
}

function shownMessage(message) {
  if (message.channel === 'aliyun_sms') {
    return [
      el('li', { className: 'bubble', textContent: message.text }),
      metaLine(message,
        el('span', { textContent: `${t('parts')(message.parts)} · ${yuan(message.parts)}` }),
        el('button', { type: 'button', textContent: t('replyR'), onclick: () => reply(message.to, 'R') })),
    ];
  }
  return [
    card(message),
    metaLine(message,
      el('button', { type: 'button', textContent: t('allow'), onclick: () => tap(message, true) }),
      el('button', { type: 'button', textContent: t('reject'), onclick: () => tap(message, false) })),
  ];
}

function shownAct(act) {
  return el('li', { className: act.reply === undefined ? 'said' : 'bubble mine', textContent: act.reply ?? t(act.word) });
}

function showPhone() {
  const mine = [...state.messages.values()].filter(message => message.to === state.to);
  const timeline = $('timeline');
  const last = mine.at(-1);
  $('who').textContent = last ? shownName(last.to, last.channel) : t('title');
  $('kind').textContent = last ? t(last.channel) : '';
  $('composer').hidden = last?.channel !== 'aliyun_sms';
  if (!last) {
    timeline.replaceChildren(el('li', { className: 'empty', textContent: t(state.messages.size ? 'choose' : 'empty') }));
    return;
  }
  const acts = state.said.filter(act => act.to === state.to);
  const items = [];
  for (const [i, message] of mine.entries()) {
    items.push(el('li', { className: 'stamp', textContent: `${dayOf(message.at)} ${timeOf(message.at)}` }), ...shownMessage(message));
    const until = mine[i + 1]?.seq ?? Infinity;
    items.push(...acts.filter(act => act.after >= message.seq && act.after < until).map(shownAct));
  }
  // The end is looked for when something new stands there, not when a card is opened or a receipt comes.
  const shown = `${state.to}/${mine.length}/${acts.filter(act => act.reply !== undefined).length}`;
  const place = shown === state.shown ? timeline.scrollTop : Infinity;
  state.shown = shown;
  timeline.replaceChildren(...items);
  timeline.scrollTop = Math.min(place, timeline.scrollHeight);
}

function show() {
  document.documentElement.lang = state.lang === 'en' ? 'en' : 'zh-CN';
  document.title = t('title');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll('[data-placeholder]')) node.placeholder = t(node.dataset.placeholder);

  $('channels').replaceChildren(...['', 'wechat_subscribe', 'aliyun_sms'].map(channel => {
    const button = el('button', { type: 'button', textContent: t(channel || 'all'), onclick: () => { state.channel = channel; show(); } });
    button.setAttribute('aria-pressed', channel === state.channel);
    return button;
  }));

  const found = people();
  if (!state.to && found.length) state.to = found[0].to;
  $('people').replaceChildren(...found.slice(0, LISTED).map(personRow));
  $('more').hidden = found.length <= LISTED;
  $('more').textContent = t('more')(found.length - LISTED);
  $('clock').textContent = new Date().toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' });
  showPhone();
  remember();
}

function remember() {
  const kept = new URLSearchParams();
  for (const [key, value] of [['lang', state.lang === 'en' ? 'en' : ''], ['channel', state.channel], ['q', state.search], ['to', state.to]]) {
    if (value) kept.set(key, value);
  }
  history.replaceState(null, '', kept.size ? `?${kept}` : '/');
}

// --- doing -------------------------------------------------------------------------------------

function choose(to) {
  state.to = to;
  show();
}

const newestSeqOf = to => Math.max(...[...state.messages.values()].filter(message => message.to === to).map(message => message.seq));

function openPage(seq) {
  if (!state.opened.delete(seq)) state.opened.add(seq);
  showPhone();
}

async function reply(phone, content) {
  await call('POST', '/_sandbox/replies', { phone, content });
  state.said.push({ to: phone, after: newestSeqOf(phone), reply: content });
  showPhone();
}

async function tap(message, accept) {
  await call('POST', '/_sandbox/taps', { openid: message.to, templateId: message.templateId, accept });
  state.said.push({ to: message.to, after: message.seq, word: accept ? 'allowed' : 'rejected' });
  showPhone();
}

$('search').value = state.search;
$('search').addEventListener('input', event => { state.search = event.target.value; show(); });
$('language').addEventListener('click', () => { state.lang = state.lang === 'en' ? 'zh' : 'en'; show(); });
$('composer').addEventListener('submit', async event => {
  event.preventDefault();
  const content = $('reply').value.trim();
  if (content) await reply(state.to, content);
  $('reply').value = '';
});

show();
poll();
