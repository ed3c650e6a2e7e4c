const YUAN_PER_PART = 0.05; // the list price of small packages, in whole fen
const KEPT = 5000;          // newest messages held by the page
const LISTED = 200;         // people shown at once
const POLL_MS = 1500;
const AWAITING_MS = 30000;  // how long a missing receipt is looked for
const CHANNELS = ['wechat_subscribe', 'official_account', 'customer_service', 'aliyun_sms', 'tencent_sms'];
const PERIODS = { '': ['anyTime', Infinity], m10: ['m10', 600e3], h1: ['h1', 3600e3], today: ['today', null] };

const address = new URLSearchParams(location.search);
const state = {
  lang: address.get('lang') === 'en' ? 'en' : 'zh',
  channel: address.get('channel') ?? '',
  search: address.get('q') ?? '',
  recipient: address.get('recipient') ?? '',
  period: address.get('period') in PERIODS ? address.get('period') : '',
  to: address.get('to') ?? '',
  next: null,
  messages: new Map(),   // seq -> message
  firstSeen: new Map(),  // seq -> when the page first saw it without a receipt
  acts: new Map(),       // id -> what somebody did
  lastAct: 0,
  shown: '',             // person and number of items on the phone
  templates: new Map(),
  names: {},
};

const $ = id => document.getElementById(id);
const t = key => words[state.lang][key];
const isSms = channel => channel.endsWith('_sms');
const yuan = parts => `¥${(parts * YUAN_PER_PART).toFixed(2)}`;
const timeOf = at => at.slice(11, 16);
const dayOf = at => at.slice(5, 10).replace('-', '/');
const chinaDay = date => new Date(date.getTime() + 8 * 3600e3).toISOString().slice(0, 10);

// Text goes in as text: a message is a stranger's words.
function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter(child => child !== null && child !== undefined));
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

function forget(seq) {
  state.messages.delete(seq);
  state.firstSeen.delete(seq);
}

function take(page) {
  let changed = false;
  for (const seq of state.messages.keys()) {
    if (seq >= page.first) break;
    forget(seq);
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
    forget(seq);
  }
  return changed;
}

async function readActs() {
  const page = await call('GET', `/_sandbox/acts?since=${state.lastAct}`);
  let changed = page.acts.length > 0;
  for (const id of state.acts.keys()) {
    if (id >= page.first) break;
    state.acts.delete(id);
    changed = true;
  }
  for (const act of page.acts) state.acts.set(act.id, act);
  state.lastAct = page.last;
  return changed;
}

async function readSetup() {
  const setup = await call('GET', '/_sandbox/setup');
  const both = [...setup.wechat?.templates ?? [], ...setup.officialAccount?.templates ?? []];
  state.templates = new Map(both.map(template => [template.id, template]));
  state.names = { mini: setup.wechat?.name, official: setup.officialAccount?.name };
}

async function poll() {
  try {
    if (state.next === null) {
      await readSetup();
      const { last } = await call('GET', '/_sandbox/messages?limit=0');
      state.next = Math.max(0, last - KEPT);
    }
    let changed = await readActs();
    for (let full = true; full;) {
      const page = await call('GET', `/_sandbox/messages?since=${pollFrom()}&limit=1000`);
      full = page.messages.length === 1000 && page.next > state.next;
      state.next = Math.max(state.next, page.next);
      changed = take(page) || changed;
    }
    const isUnknown = m => (m.channel === 'wechat_subscribe' || m.channel === 'official_account') && !state.templates.has(m.templateId);
    if (changed && [...state.messages.values()].some(isUnknown)) await readSetup();
    showTotals(await call('GET', '/_sandbox/stats'));
    if (changed) show();
  } catch {
    $('totals').replaceChildren(el('div', {}, el('dt', { textContent: t('offline') })));
  }
  setTimeout(poll, POLL_MS);
}

// --- the list ----------------------------------------------------------------------------------

function showTotals(stats) {
  let delivered = 0, undelivered = 0, parts = 0;
  for (const message of state.messages.values()) {
    delivered += message.status === 'delivered';
    undelivered += message.status === 'undelivered';
    parts += message.parts;
  }
  const figures = [['messages', stats.accepted], ['reached', delivered], ['failed', undelivered], ['refused', stats.refused], ['cost', yuan(parts)]];
  $('totals').replaceChildren(...figures.map(([key, value]) =>
    el('div', {}, el('dt', { textContent: t(key) }), el('dd', { textContent: value.toLocaleString('en') }))));
}

function isRecent(message) {
  const [, length] = PERIODS[state.period];
  return length === null ? message.at.slice(0, 10) === chinaDay(new Date()) : Date.now() - Date.parse(message.at) <= length;
}

const fits = message => (!state.channel || message.channel === state.channel)
  && (!state.recipient || message.to.toLowerCase().includes(state.recipient.trim().toLowerCase())) && isRecent(message);

function people() {
  const wanted = state.search.trim().toLowerCase();
  const byPerson = new Map();
  for (const message of state.messages.values()) {
    if (!fits(message)) continue;
    const person = byPerson.get(message.to) ?? { to: message.to, count: 0, hit: false };
    person.count++;
    person.last = message;
    person.hit ||= !wanted || `${message.to} ${message.text} ${message.reference}`.toLowerCase().includes(wanted);
    byPerson.set(message.to, person);
  }
  return [...byPerson.values()].filter(person => person.hit).sort((a, b) => b.last.seq - a.last.seq);
}

const shownName = message => isSms(message.channel) ? `${message.to.slice(0, 3)} ${message.to.slice(3, 7)} ${message.to.slice(7)}` : message.to;

function titleOf(message) {
  return isSms(message.channel) ? message.text.replace(/^【.*?】/, '')
    : state.templates.get(message.templateId)?.title ?? (message.text.split('\n')[0] || t('unknownTemplate'));
}

function personRow(person) {
  const { last } = person;
  const row = el('button', { type: 'button', className: last.channel, onclick: () => choose(person.to) },
    el('span', { className: 'avatar', textContent: isSms(last.channel) ? person.to.slice(-4) : t(last.channel).slice(0, 2) }),
    el('span', { className: 'name', textContent: shownName(last), title: person.to }),
    el('span', { className: 'when', textContent: timeOf(last.at) }),
    el('span', { className: 'last', textContent: titleOf(last) }),
    el('span', { className: 'count', textContent: person.count, hidden: person.count < 2 }));
  row.setAttribute('aria-current', person.to === state.to);
  return el('li', {}, row);
}

// --- the phone ---------------------------------------------------------------------------------

const rowsOf = (message, template) => Object.entries(message.data).flatMap(([key, value]) =>
  [el('dt', { textContent: template?.keywords[key] ?? key }), el('dd', { textContent: value })]);

const openButton = (message, label) => el('button', { type: 'button', className: 'open', hidden: !message.page, onclick: () => openPage(message) },
  el('span', { textContent: t(label) }), el('span', { textContent: '›' }));

const openLabel = message => /^https?:/.test(message.page) ? 'openArticle' : 'open';

function card(message) {
  const official = message.channel === 'official_account';
  const source = official ? state.names.official || t('official') : state.names.mini || t('service');
  return el('li', { className: `card ${message.channel}` },
    el('div', { className: 'source' }, el('span', { className: 'app', textContent: source }), el('span', { textContent: timeOf(message.at) })),
    el('h2', { textContent: titleOf(message) }),
    el('dl', {}, ...rowsOf(message, state.templates.get(message.templateId))),
    openButton(message, openLabel(message)));
}

// The text of a chat may hold links written as markup; only their words are shown.
const plainText = text => new DOMParser().parseFromString(text, 'text/html').body.textContent;

function chat(message) {
  const { account, tail, ...choices } = message.data;
  const bubble = el('div', { className: 'bubble' }, plainText(message.text));
  if (message.templateId === 'msgmenu') {
    bubble.append(...Object.entries(choices).map(([id, content]) =>
      el('button', { type: 'button', className: 'choice', textContent: content, onclick: () => write(message.to, content, account, id) })),
      el('div', { className: 'tail', textContent: tail }));
  } else if (message.page) {
    bubble.classList.add('link');
    bubble.append(openButton(message, openLabel(message)));
  }
  return el('li', { className: 'chat' }, el('span', { className: 'face', textContent: '客' }), bubble);
}

const metaLine = (message, ...extra) => el('li', { className: 'meta' },
  el('span', { className: message.status, textContent: t(message.status) }), el('span', { textContent: t(message.channel) }), ...extra);

const action = (label, onclick) => el('button', { type: 'button', textContent: t(label), onclick });

function shownMessage(message) {
  if (isSms(message.channel)) {
    return [
      el('li', { className: 'bubble', textContent: message.text }),
      metaLine(message,
        el('span', { textContent: `${t('characters')(message.text.length)} · ${t('parts')(message.parts)} · ${yuan(message.parts)}` }),
        action('replyR', () => reply(message.to, 'R'))),
    ];
  }
  if (message.channel === 'customer_service') return [chat(message), metaLine(message)];
  if (message.channel === 'official_account') return [card(message), metaLine(message, action('unfollow', () => act(message.to, { do: 'unfollow' })))];
  return [card(message), metaLine(message, action('allow', () => tap(message, true)), action('reject', () => tap(message, false)))];
}

function shownAct(done) {
  const spoken = done.what === 'reply' || done.what === 'text';
  return el('li', { className: spoken ? 'bubble mine' : 'said', textContent: spoken ? done.text : t(`said_${done.what}`) ?? done.what });
}

// A chat of the mini-program and one of the account are two; the newest message tells which it is.
const accountOf = message => message.data.account ?? (message.channel === 'official_account' ? 'official' : 'mini');

function showPhone() {
  const mine = [...state.messages.values()].filter(message => message.to === state.to && fits(message));
  const timeline = $('timeline');
  const last = mine.at(-1);
  $('who').textContent = last ? shownName(last) : t('title');
  $('kind').textContent = last ? (isSms(last.channel) ? t('sms') : accountOf(last) === 'official' ? t('official') : t('miniProgram')) : '';
  $('composer').hidden = !last;
  $('composer').className = last && isSms(last.channel) ? 'sms' : 'wechat';
  $('reply').placeholder = t(last && isSms(last.channel) ? 'reply' : 'chat');
  if (!last) {
    timeline.replaceChildren(el('li', { className: 'empty', textContent: t(!state.messages.size ? 'empty' : people().length ? 'choose' : 'nothing') }));
    return;
  }
  const acts = [...state.acts.values()].filter(done => done.to === state.to);
  const items = [];
  let stamp = '';
  for (const [i, message] of mine.entries()) {
    const here = `${dayOf(message.at)} ${timeOf(message.at)}`;
    if (here !== stamp) items.push(el('li', { className: 'stamp', textContent: here }));
    stamp = here;
    items.push(...shownMessage(message));
    const until = mine[i + 1]?.seq ?? Infinity;
    items.push(...acts.filter(done => done.after >= message.seq && done.after < until).map(shownAct));
  }
  // The end is looked for when something new stands there, not when a receipt comes.
  const shown = `${state.to}/${mine.length}/${acts.length}`;
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
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
  $('period').replaceChildren(...Object.entries(PERIODS).map(([value, [label]]) => el('option', { value, textContent: t(label), selected: value === state.period })));

  $('channels').replaceChildren(...['', ...CHANNELS].map(channel => {
    const button = el('button', { type: 'button', textContent: t(channel || 'all'), onclick: () => { state.channel = channel; show(); } });
    button.setAttribute('aria-pressed', channel === state.channel);
    return button;
  }));

  const found = people();
  // A wide page always shows somebody; on a phone the list comes first.
  if (state.next !== null && !found.some(person => person.to === state.to)) state.to = narrow.matches ? '' : found[0]?.to ?? '';
  $('people').replaceChildren(...found.slice(0, LISTED).map(personRow));
  $('more').hidden = found.length <= LISTED && found.length > 0;
  $('more').textContent = found.length ? t('more')(found.length - LISTED) : t(state.messages.size ? 'nothing' : 'empty');
  $('clock').textContent = new Date().toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' });
  document.body.classList.toggle('reading', state.to !== '');
  showPhone();
  remember();
}

function remember() {
  const kept = new URLSearchParams();
  const all = { lang: state.lang === 'en' ? 'en' : '', channel: state.channel, q: state.search, recipient: state.recipient, period: state.period, to: state.to };
  for (const [key, value] of Object.entries(all)) {
    if (value) kept.set(key, value);
  }
  history.replaceState(null, '', kept.size ? `?${kept}` : '/');
}

// --- doing -------------------------------------------------------------------------------------

function choose(to) {
  state.to = to;
  closePage();
  show();
}

function openPage(message) {
  const [path, query] = message.page.split('?');
  const rows = /^https?:/.test(message.page)
    ? [el('dt', { textContent: t('link') }), el('dd', { textContent: message.page })]
    : [el('dt', { textContent: t('path') }), el('dd', { textContent: path }), el('dt', { textContent: t('parameters') }), el('dd', { textContent: query ?? t('none') })];
  $('sheet-title').textContent = state.names.mini || titleOf(message);
  $('sheet-page').replaceChildren(...rows);
  $('sheet').hidden = false;
  $('close').focus();
}

function closePage() {
  $('sheet').hidden = true;
}

async function done() {
  if (await readActs()) showPhone();
}

async function reply(phone, content) {
  await call('POST', '/_sandbox/replies', { phone, content });
  await done();
}

async function act(openid, what) {
  await call('POST', '/_sandbox/acts', { openid, ...what });
  await done();
}

const write = (openid, content, account, key) => act(openid, { do: 'text', account, content, ...(key && { key }) });

async function tap(message, accept) {
  await call('POST', '/_sandbox/taps', { openid: message.to, templateId: message.templateId, accept });
  await done();
}

async function send(event) {
  event.preventDefault();
  const content = $('reply').value.trim();
  const last = [...state.messages.values()].filter(message => message.to === state.to).at(-1);
  if (!content || !last) return;
  $('reply').value = '';
  await (isSms(last.channel) ? reply(state.to, content) : write(state.to, content, accountOf(last)));
}

const narrow = matchMedia('(max-width: 700px)');
for (const name of ['search', 'recipient', 'period']) {
  $(name).value = state[name];
  $(name).addEventListener('input', event => { state[name] = event.target.value; show(); });
}
$('language').addEventListener('click', () => { state.lang = state.lang === 'en' ? 'zh' : 'en'; show(); });
$('back').addEventListener('click', () => { state.to = ''; show(); });
$('close').addEventListener('click', closePage);
$('composer').addEventListener('submit', send);
document.addEventListener('keydown', event => { if (event.key === 'Escape') closePage(); });

show();
poll();
