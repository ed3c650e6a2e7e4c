'use strict';
const { sms } = require('tencentcloud-sdk-nodejs-sms');

const connect = ({ endpoint, id, key }) => new sms.v20210111.Client({
  credential: { secretId: id, secretKey: key }, region: 'ap-guangzhou', profile: { httpProfile: { endpoint, protocol: 'http://' } },
});

require('./witness.cjs')({
  send: args => connect(args).SendSms({
    PhoneNumberSet: args.phones, SmsSdkAppId: args.app, TemplateId: args.template, SignName: args.sign, TemplateParamSet: args.values, SessionContext: args.session,
  }),
  statuses: args => connect(args).PullSmsSendStatusByPhoneNumber({ BeginTime: args.begin, Offset: 0, Limit: 10, PhoneNumber: args.phone, SmsSdkAppId: args.app }),
  pull: args => connect(args).PullSmsSendStatus({ Limit: 10, SmsSdkAppId: args.app }),
  replies: args => connect(args).PullSmsReplyStatus({ Limit: 10, SmsSdkAppId: args.app }),
});
