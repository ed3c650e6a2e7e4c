import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, phone } from './simulated.mjs';

test('pages that load at once share one sign-in', async () => {
  const { asked } = phone();
  const { get } = load('api/member');
  await Promise.all([get('/home'), get('/points'), get('/tier')]);
  assert.equal(asked.filter(([what]) => what === 'POST /session').length, 1);
});

test('a token that the server no longer takes is renewed once', async () => {
  let refused = 0;
  const { asked } = phone({
    get 'GET /home'() {
      return refused++ === 0 ? { status: 401, body: { code: 'signed_out' } } : { status: 200, body: { now: '' } };
    },
    'POST /session/refresh': { status: 200, body: { accessToken: 'b', refreshToken: 's', expiresIn: 3600, state: 'member' } },
  });
  await load('api/member').get('/home');
  assert.deepEqual(asked.map(([what]) => what), ['POST /session', 'GET /home', 'POST /session/refresh', 'GET /home']);
  assert.equal(asked[3][2].authorization, 'Bearer b');
});

test('a deed whose answer was lost keeps its key, also in a mini-program that was opened again; a settled one does not', async () => {
  const answers = { 'POST /coupons/claims': 'lost' };
  const { asked } = phone(answers);
  await assert.rejects(load('api/member').post('/coupons/claims', { definitionId: '1' }, 'claim:1'), /网络/);
  answers['POST /coupons/claims'] = { status: 201, body: { id: 'c' } };
  await load('api/member').post('/coupons/claims', { definitionId: '1' }, 'claim:1');
  await load('api/member').post('/coupons/claims', { definitionId: '1' }, 'claim:1');
  const keys = asked.filter(([what]) => what === 'POST /coupons/claims').map(([, , header]) => header['idempotency-key']);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[1], keys[2]);
});

test('a refusal settles a deed and is said in the words of the server', async () => {
  const { kept } = phone({ 'POST /coupons/claims': { status: 409, body: { code: 'sold_out', title: '已经领完了' } } });
  await assert.rejects(load('api/member').post('/coupons/claims', {}, 'claim:1'), { title: '已经领完了', code: 'sold_out', offline: false });
  assert.ok(![...kept.keys()].some(key => key.startsWith('once:')));
});

test('a page of a proxy instead of an answer is no reason to break', async () => {
  phone({ 'GET /home': { status: 502, body: '<html>' } });
  await assert.rejects(load('api/member').get('/home'), { title: '系统正忙，请稍后再试' });
});

test('PATCH travels as a POST that says so', async () => {
  const { asked } = phone();
  await load('api/member').patch('/profile', { name: '王' });
  assert.equal(asked[1][0], 'POST /profile');
  assert.equal(asked[1][2]['x-http-method-override'], 'PATCH');
});

test('one tap asks for all templates of the moment and tells the server each answer', async () => {
  const { asked } = phone({ subscribe: { errMsg: 'requestSubscribeMessage:ok', t1: 'accept', t2: 'ban', t3: 'reject' } });
  await load('api/subscribe').askToSubscribe('taken', ['t1', 't2', 't3']);
  assert.deepEqual(asked[0], ['subscribe', ['t1', 't2', 't3']]);
  assert.deepEqual(asked.find(([what]) => what === 'POST /grants')[1], {
    moment: 'taken',
    results: [{ templateId: 't1', result: 'accept' }, { templateId: 't2', result: 'ban' }, { templateId: 't3', result: 'reject' }],
  });
});

test('no template, no panel; a panel that was refused tells nobody', async () => {
  const { asked } = phone();
  const { askToSubscribe } = load('api/subscribe');
  await askToSubscribe('taken', []);
  await askToSubscribe('taken', ['t1']);
  assert.deepEqual(asked, [['subscribe', ['t1']]]);
});

test('days and times are cut out of what the server says, whatever the phone believes', () => {
  phone();
  const { day, moment, today, yuan, signed } = load('words');
  assert.equal(day('2026-11-05'), '11月5日');
  assert.equal(day('2027-01-31', '2026-11-22T08:00:00+08:00'), '2027年1月31日');
  assert.equal(moment('2026-11-22T23:30:00+08:00'), '11月22日 23:30');
  assert.equal(today(Date.UTC(2026, 10, 21, 16, 1)), '2026-11-22');
  assert.deepEqual([yuan(1250), yuan(1200), yuan(1), yuan(0)], ['12.5', '12', '0.01', '0']);
  assert.deepEqual([signed(20), signed(-15)], ['+20', '−15']);
});

test('what is written down carries the day and time of the server, not of a phone that is wrong', () => {
  phone();
  const { clock, setClock, today } = load('words');
  setClock('2031-03-04T05:06:07+08:00');
  assert.equal(today(), '2031-03-04');
  assert.equal(clock(), '05:06');
});

test('a coupon says what it is worth in as few signs as fit its edge', () => {
  phone();
  const { worth } = load('coupons');
  assert.deepEqual(
    [worth('amount_off', 500), worth('percentage', 1500), worth('exchange', 0), worth('exchange', 990), worth('free_service', 0), worth('points_multiplier', 200), worth('delivery_fee', 300), worth('of_tomorrow', 1)],
    ['减5元', '8.5折', '礼品', '9.9元换购', '免费', '2倍积分', '运费减3元', '优惠'],
  );
});
