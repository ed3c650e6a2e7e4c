import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phone, render } from './simulated.mjs';

test('a page that failed says why and can be loaded again', async () => {
  phone();
  const note = render('state-note', { state: 'error', problem: '系统正忙，请稍后再试' });
  assert.match(note.text(), /系统正忙，请稍后再试/);
  await note.tap('再试一次');
  assert.deepEqual(note.events.map(([name]) => name), ['retry']);
});

test('a page for members leads a visitor to the sign-in', async () => {
  const { asked } = phone();
  await render('state-note', { state: 'visitor' }).tap('手机号登录');
  assert.deepEqual(asked, [['open', '/pages/signin/index']]);
});

test('a page that loads has no words and no button', () => {
  phone();
  const note = render('state-note', { state: 'loading' });
  assert.equal(note.text(), '');
  assert.equal(note.find('.button'), undefined);
});

test('a refill is answered in one tap', async () => {
  for (const [text, answer] of [['已购买', 'bought'], ['3 天后提醒', 'later']]) {
    phone();
    const refill = render('refill-answer', { title: '氨氯地平片', due: '预计 11月26日 用完' });
    await refill.tap(text);
    assert.deepEqual(refill.events, [['answer', { answer }]]);
  }
});

test('who still has some is asked for days, and a wrong number is not sent', async () => {
  const { asked } = phone();
  const refill = render('refill-answer', { title: '氨氯地平片' });
  await refill.tap('还有药');
  for (const wrong of ['', '0', '366', '1.5', 'x']) {
    refill.component.setData({ days: wrong });
    await refill.tap('确定');
  }

  assert.deepEqual(refill.events, []);
  assert.equal(asked.length, 5);
  refill.component.setData({ days: '10' });
  await refill.tap('确定');
  assert.deepEqual(refill.events, [['answer', { answer: 'still_have', days: 10 }]]);
});

test('to stop is asked twice', async () => {
  phone({ confirm: false });
  const kept = render('refill-answer');
  await kept.tap('不再服用');
  assert.deepEqual(kept.events, []);

  phone({ confirm: true });
  const stopped = render('refill-answer');
  await stopped.tap('不再服用');
  assert.deepEqual(stopped.events, [['answer', { answer: 'stopped' }]]);
});

test('an advertisement says that it is one, with its approval and its warning as they are', () => {
  phone();
  const card = render('coupon-card', { worth: '减40元', title: '鱼油满 199 减 40', mark: '广告', approval: '国食健注G20240001', warning: '保健食品不是药物，不能代替药物治疗疾病', action: '领取' });
  for (const words of ['广告', '国食健注G20240001', '保健食品不是药物，不能代替药物治疗疾病', '领取']) assert.ok(card.text().includes(words), words);
});

test('a coupon that cannot be claimed has a reason and no button', () => {
  phone();
  const card = render('coupon-card', { worth: '免费', title: '免费测血脂', reason: '已经领完了', action: '' });
  assert.match(card.text(), /已经领完了/);
  assert.equal(card.find('.button'), undefined);
});

test('a scale has a point for each number and tells the one that was tapped', async () => {
  phone();
  const scale = render('score-scale', { from: 0, to: 10 });
  assert.equal(scale.component.querySelectorAll('.scale-point').length, 11);
  await scale.tap('10');
  assert.deepEqual(scale.events, [['choose', { value: 10 }]]);
});

test('an empty list says what could be done', async () => {
  phone();
  const note = render('blank-note', { title: '还没有优惠券', hint: '去领券中心看看', action: '去领券' });
  assert.match(note.text(), /还没有优惠券.*去领券中心看看/);
  await note.tap('去领券');
  assert.deepEqual(note.events.map(([name]) => name), ['act']);
});
