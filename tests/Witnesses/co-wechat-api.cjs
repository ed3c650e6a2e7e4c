'use strict';
const API = require('co-wechat-api');

function connect({ url, appId, secret }) {
  const api = new API(appId, secret);
  api.prefix = `${url}/cgi-bin/`;
  api.snsPrefix = `${url}/sns/`;
  api.wxaPrefix = `${url}/wxa/`;
  return api;
}

// Calls that the SDK has no method for still go through its own transport, token renewal and JSON parser.
async function post(api, path, body) {
  const { accessToken } = await api.ensureAccessToken();
  return api.request(`${path}?access_token=${accessToken}`, {
    dataType: 'json', method: 'POST', data: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
  });
}

async function get(api, path, query = '') {
  const { accessToken } = await api.ensureAccessToken();
  return api.request(`${path}?access_token=${accessToken}${query}`, { dataType: 'json' });
}

require('./witness.cjs')({
  token: async args => {
    const token = await connect(args).getAccessToken();
    return { length: token.accessToken.length, left: token.expireTime - Date.now() };
  },
  signIn: args => connect(args).code2Session(args.code),
  subscribe: args => connect(args).sendSubscribeMessage(args.to, args.template, args.page, args.data),
  subscribeTwice: async (args, say) => {
    const api = connect(args);
    say(await api.sendSubscribeMessage(args.to, args.template, args.page, args.data));
    await new Promise(go => process.stdin.once('data', go));
    return api.sendSubscribeMessage(args.to, args.template, args.page, args.data);
  },
  template: args => connect(args).sendTemplate(args.to, args.template, 'https://example.com', '#000000', args.data, args.miniprogram),
  chat: args => connect(args).sendText(args.to, args.text),
  user: args => connect(args).getUser(args.openid),
  users: args => connect(args).batchGetUsers(args.openids),
  followers: args => connect(args).getFollowers(),
  remark: args => connect(args).updateRemark(args.openid, args.remark),
  templates: args => connect(args).getAllPrivateTemplate(),
  code: async args => {
    const picture = await connect(args).getWXACodeUnlimit(args.scene, args.page);
    return { bytes: picture.length, head: picture.subarray(0, 8).toString('hex') };
  },
  ip: args => connect(args).getIp(),
  post: args => post(connect(args), args.url + args.path, args.body),
  get: args => get(connect(args), args.url + args.path, args.query),
});
