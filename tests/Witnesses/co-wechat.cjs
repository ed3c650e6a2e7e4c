'use strict';
// The receiver's side: a server of its own that prints where it listens and then each push as the SDK understood it.
const Koa = require('koa');
const wechat = require('co-wechat');

require('./witness.cjs')({
  receive: ({ token, appid, encodingAESKey }, say) => new Promise(() => {
    const app = new Koa();
    app.silent = true;
    app.use(wechat({ token, appid, encodingAESKey }).middleware(async message => {
      say({ push: message });
      return message.MsgType === 'text' ? `收到：${message.Content}` : '';
    }));
    app.use(ctx => ctx);
    const server = app.listen(0, '127.0.0.1', () => say({ url: `http://127.0.0.1:${server.address().port}/` }));
    process.stdin.on('end', () => process.exit(0)).resume();
  }),
});
