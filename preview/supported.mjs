// SUPPORTED.md as data: what is in its tables may be used, everything else is a problem with a file and a word.
const everyAttribute = /^(class|style|id|hidden|slot|role|aria-[a-z]+|data-[a-z-]+|wx:(if|elif|else|for|for-item|for-index|key)|(bind|catch):tap)$/;
const openTypes = ['getPhoneNumber', 'agreePrivacyAuthorization', 'share'];
const pageSettings = ['navigationBarTitleText', 'navigationBarBackgroundColor', 'navigationBarTextStyle', 'enablePullDownRefresh', 'usingComponents', 'component', 'styleIsolation'];
const otherGlobals = /\b(wx\.\w+|Behavior|getRegExp|requirePlugin|requireMiniProgram|setImmediate|XMLHttpRequest|fetch|document|window|localStorage)\b/g;

export class Supported {
  problems = [];

  constructor(markdown) {
    const cells = line => line.split('|').slice(1, -1).map(cell => cell.trim());
    const rows = markdown.split('\n').filter(line => line.startsWith('| `')).map(cells);
    this.components = new Map(rows.filter(row => row.length === 4).map(([name, attributes, events]) => [name.replaceAll('`', ''), { attributes: words(attributes), events: words(events) }]));
    this.calls = new Set(rows.filter(row => row.length === 2).flatMap(([calls]) => [...calls.matchAll(/`([\w.]+)`/g)].map(match => match[1])));
  }

  checkScript(file, source) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'/g, '');
    for (const [word] of code.matchAll(otherGlobals)) {
      if (!this.calls.has(word)) this.problems.push(`${file}: ${word}`);
    }
  }

  checkTemplate(file, source, own) {
    const tags = source.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<([a-z][\w-]*)((?:[^"'>]|"[^"]*"|'[^']*')*)>/g);
    for (const [, tag, rest] of tags) {
      const component = this.components.get(tag);
      if (!component && !own.includes(tag)) {
        this.problems.push(`${file}: <${tag}>`);
        continue;
      }

      for (const [, name, value] of rest.matchAll(/([\w:-]+)(?:=("[^"]*"|'[^']*'))?/g)) {
        if (!component || everyAttribute.test(name) || component.attributes.has(name)) continue;
        const event = /^(bind|catch):([a-z]+)$/.exec(name)?.[2];
        if (!event || !component.events.has(event)) this.problems.push(`${file}: <${tag} ${name}${value ? `=${value}` : ''}>`);
      }

      const openType = /open-type="([^"]*)"/.exec(rest)?.[1];
      if (openType !== undefined && !openTypes.includes(openType)) this.problems.push(`${file}: open-type ${openType}`);
    }
  }

  checkStyle(file, source) {
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/@import[^;]+;/g, '');
    for (const [, selector] of code.matchAll(/([^{}]+)\{/g)) {
      const parts = selector.trim().split(/[\s,>+~]+/).filter(Boolean);
      if (parts[0]?.startsWith('@keyframes') || parts.every(part => /^(page|(\.[\w-]+)+|\d+%)$/.test(part))) continue;
      this.problems.push(`${file}: ${selector.trim()}`);
    }
  }

  checkApp(app, configs) {
    if (app.tabBar && !app.tabBar.custom) this.problems.push('app.json: a tab bar that is not custom');
    for (const page of app.pages) if (!configs[page]) this.problems.push(`app.json: ${page} has no template`);
    for (const [unit, config] of Object.entries(configs)) {
      for (const key of Object.keys(config)) if (!pageSettings.includes(key)) this.problems.push(`${unit}.json: ${key}`);
      if (config.component && config.styleIsolation !== 'apply-shared') this.problems.push(`${unit}.json: a component that does not say apply-shared`);
    }
  }
}

function words(cell) {
  return new Set(cell.split(/\s+/).filter(Boolean));
}
