import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { source } from './simulated.mjs';

const tokens = readFileSync(join(source, 'tokens.wxss'), 'utf8');
const colours = Object.fromEntries([...tokens.matchAll(/--([\w-]+): (#[0-9A-F]{6});/g)].map(match => [match[1], match[2]]));

// What stands on what. A pair that the pages use and that is missing here is found by the sweep below.
const pairs = [
  ['ink', 'ground'], ['ink', 'card'], ['ink', 'sunk'], ['ink', 'warm-pale'], ['ink', 'alarm-pale'], ['ink', 'brand-pale'],
  ['ink-soft', 'ground'], ['ink-soft', 'card'], ['ink-soft', 'sunk'], ['ink-soft', 'warm-pale'], ['ink-soft', 'brand-pale'],
  ['brand', 'ground'], ['brand', 'card'], ['brand-deep', 'card'], ['brand-deep', 'brand-pale'],
  ['on-brand', 'brand'], ['on-brand-soft', 'brand'], ['on-brand', 'alarm'], ['on-gold', 'gold'],
  ['warm', 'card'], ['warm', 'ground'], ['warm', 'warm-pale'], ['alarm', 'card'], ['alarm', 'alarm-pale'],
];

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) / 255).map(part => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test('letters are readable on what they stand on: AA, 4.5 : 1', () => {
  assert.ok(Math.abs(contrast('#000000', '#FFFFFF') - 21) < 0.01);
  for (const [letters, ground] of pairs) {
    const ratio = contrast(colours[letters], colours[ground]);
    assert.ok(ratio >= 4.5, `--${letters} on --${ground}: ${ratio.toFixed(2)}`);
  }
});

test('where a rule sets both, the pair is among those that are held', () => {
  const known = new Set(pairs.map(pair => pair.join(' on ')));
  for (const file of readdirSync(join(source, 'styles'))) {
    const text = readFileSync(join(source, 'styles', file), 'utf8');
    for (const [, rule] of text.matchAll(/\{([^}]*)\}/g)) {
      const letters = /(?:^|[\s;])color: var\(--([\w-]+)\)/.exec(rule)?.[1];
      const ground = /background: var\(--([\w-]+)\)/.exec(rule)?.[1];
      if (letters && ground) assert.ok(known.has(`${letters} on ${ground}`), `${file}: --${letters} on --${ground}`);
    }
  }
});

test('colours and spaces are in the one token file and nowhere else', () => {
  for (const file of readdirSync(source, { recursive: true }).filter(each => /\.(wxss|wxml)$/.test(each) && each !== 'tokens.wxss')) {
    const text = readFileSync(join(source, file), 'utf8');
    const found = /#[0-9a-fA-F]{3,8}\b|\brgba?\(/.exec(text.replace(/color="#0A6B4F"/g, ''));
    assert.equal(found, null, `${file}: ${found?.[0]}`);
  }
});

test('large text makes every size of letters larger', () => {
  const [normal, large] = tokens.split('.large').map(part => Object.fromEntries([...part.matchAll(/--([\w-]+): (\d+)rpx;/g)].map(match => [match[1], Number(match[2])])));
  const letters = ['tiny', 'small', 'body', 'head', 'title', 'figure', 'tab-label', 'tap'];
  for (const size of letters) assert.ok(large[size] >= normal[size] * 1.15, size);
});

test('every page has its four files, a title, and a state for what is not ready', () => {
  const app = JSON.parse(readFileSync(join(source, 'app.json'), 'utf8'));
  for (const page of app.pages) {
    const [wxml, json] = ['wxml', 'json'].map(end => readFileSync(join(source, `${page}.${end}`), 'utf8'));
    assert.ok(JSON.parse(json).navigationBarTitleText, page);
    assert.match(wxml, /<state-note wx:if="\{\{state !== 'ready'\}\}"/, page);
    assert.match(wxml, /class="page[^"]*\{\{large\}\}"/, page);
  }
});

test('a tip leads nowhere: no tap, no link, no component of a shop', () => {
  const wxml = readFileSync(join(source, 'pages/tip/detail.wxml'), 'utf8');
  assert.doesNotMatch(wxml.replace(/<state-note[^>]*>/, ''), /bind:|catch:|<button|coupon-card|role="link"/);
});
