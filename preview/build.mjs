// Builds the preview: node build.mjs [--pages DIR] [--out DIR]. Compiles the mini-program's own files, changes none of them,
// and fails on whatever SUPPORTED.md does not list.
import { build, transform } from 'esbuild';
import compiler from 'glass-easel-template-compiler';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Supported } from './supported.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const argument = (name, otherwise) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const pages = resolve(argument('--pages', join(here, '..', 'miniprogram-stub', 'miniprogram')));
const out = resolve(argument('--out', join(here, '..', 'artifacts', 'preview')));

const supported = new Supported(readFileSync(join(here, 'SUPPORTED.md'), 'utf8'));
const read = path => readFileSync(join(pages, path), 'utf8');
const app = JSON.parse(read('app.json'));
const files = walk('');
const units = files.filter(file => file.endsWith('.wxml')).map(file => file.slice(0, -'.wxml'.length));

const modules = await scripts();
const program = {
  app,
  configs: Object.fromEntries(units.map(unit => [unit, JSON.parse(read(`${unit}.json`))])),
  style: (await transform(style('app.wxss'), { loader: 'css', minify: true })).code,
};
const templates = compileTemplates();
supported.checkApp(app, program.configs);
if (supported.problems.length > 0) {
  console.error(`The preview does not support this (preview/SUPPORTED.md):\n${supported.problems.map(problem => `  ${problem}`).join('\n')}`);
  process.exit(1);
}

// Built beside and then put in place, so that nobody is served half of it.
const fresh = `${out}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
writeFileSync(join(fresh, 'program.js'), (await transform(`window.miniProgram={...${JSON.stringify(program)},templates:${templates},modules:{${modules}}};`, { minify: true })).code);
await build({ entryPoints: [join(here, 'src', 'main.ts')], bundle: true, minify: true, format: 'iife', target: 'es2022', outfile: join(fresh, 'preview.js'), logLevel: 'warning' });
await build({ entryPoints: [join(here, 'src', 'preview.css')], bundle: true, minify: true, outfile: join(fresh, 'preview.css'), logLevel: 'warning' });
cpSync(join(here, 'src', 'index.html'), join(fresh, 'index.html'));
cpSync(join(pages, 'images'), join(fresh, 'images'), { recursive: true });
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
console.log(`${app.pages.length} pages built into ${out}`);

function walk(folder) {
  return readdirSync(join(pages, folder), { withFileTypes: true }).flatMap(entry => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

// Each file of TypeScript becomes a function of require, module and exports, as WeChat's own loader has it.
async function scripts() {
  const made = [];
  for (const file of files.filter(each => each.endsWith('.ts'))) {
    const source = read(file);
    supported.checkScript(file, source);
    const { code } = await transform(source, { loader: 'ts', format: 'cjs', target: 'es2020', sourcefile: file });
    made.push(`${JSON.stringify(file.slice(0, -3))}:function(require,module,exports){${code}\n}`);
  }
  return made.join(',\n');
}

function compileTemplates() {
  const group = new compiler.TmplGroup();
  for (const unit of units) {
    const source = read(`${unit}.wxml`);
    supported.checkTemplate(`${unit}.wxml`, source, Object.keys({ ...app.usingComponents, ...JSON.parse(read(`${unit}.json`)).usingComponents }));
    for (const problem of group.addTmpl(unit, source)) supported.problems.push(`${unit}.wxml: ${problem.message ?? JSON.stringify(problem)}`);
  }
  return group.getTmplGenObjectGroups();
}

// One sheet: imports taken in, rpx as a share of the phone's width.
function style(file, seen = new Set()) {
  if (seen.has(file)) return '';
  seen.add(file);
  if (!existsSync(join(pages, file))) return void supported.problems.push(`${file}: not there`) ?? '';
  const source = read(file);
  supported.checkStyle(file, source);
  return source
    .replace(/@import\s+["']([^"']+)["'];/g, (_, path) => style(posix.join(posix.dirname(file), path), seen))
    .replace(/(-?\d*\.?\d+)rpx/g, (_, size) => `calc(${size} * var(--rpx))`)
    .replace(/100vh/g, 'var(--phone-height)');
}
