'use strict';
const WXBizMsgCrypt = require('wechat-crypto');
const wecom = require('@wecom/crypto');

require('./witness.cjs')({
  'wechat-crypto': ({ token, key, appId, timestamp, nonce, encrypted }) => {
    const crypt = new WXBizMsgCrypt(token, key, appId);
    return { signature: crypt.getSignature(timestamp, nonce, encrypted), ...crypt.decrypt(encrypted) };
  },
  '@wecom/crypto': ({ token, key, timestamp, nonce, encrypted }) => {
    const { message, id } = wecom.decrypt(key, encrypted);
    return { signature: wecom.getSignature(token, timestamp, nonce, encrypted), message, id };
  },
});
