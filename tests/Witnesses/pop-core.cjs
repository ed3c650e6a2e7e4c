'use strict';
const Core = require('@alicloud/pop-core');

require('./witness.cjs')({
  send: args => new Core({ accessKeyId: args.id, accessKeySecret: args.secret, endpoint: `http://${args.endpoint}`, apiVersion: '2017-05-25' })
    .request('SendSms', { PhoneNumbers: args.phones, SignName: args.sign, TemplateCode: args.template, TemplateParam: args.param }, { method: args.method }),
});
