'use strict';
const sms = require('@alicloud/dysmsapi20170525');
const { $OpenApiUtil } = require('@alicloud/openapi-core');

function connect({ endpoint, id, secret, signature }) {
  const config = new $OpenApiUtil.Config({ accessKeyId: id, accessKeySecret: secret, endpoint, protocol: 'http' });
  if (signature === 'v2') config.signatureAlgorithm = 'v2';
  return new sms.default(config);
}

const body = answer => answer.body;

require('./witness.cjs')({
  send: async args => body(await connect(args).sendSms(new sms.SendSmsRequest({
    phoneNumbers: args.phones, signName: args.sign, templateCode: args.template, templateParam: args.param, outId: args.outId,
  }))),
  batch: async args => body(await connect(args).sendBatchSms(new sms.SendBatchSmsRequest({
    phoneNumberJson: JSON.stringify(args.phones), signNameJson: JSON.stringify(args.phones.map(() => args.sign)),
    templateCode: args.template, templateParamJson: JSON.stringify(args.params), outId: args.outId,
  }))),
  query: async args => body(await connect(args).querySendDetails(new sms.QuerySendDetailsRequest({
    phoneNumber: args.phone, sendDate: args.day, pageSize: 10, currentPage: 1, bizId: args.bizId,
  }))),
});
