'use strict';

const words = {
  zh: {
    title: '演示收件箱', notice: '人物虚构，号码未分配，消息不会离开本机', otherLanguage: 'English',
    search: '搜索手机号、openid 或内容', recipient: '收件人', period: '时间', reply: '回复短信', chat: '发消息给客服', send: '发送', replyR: '回复 R',
    anyTime: '全部时间', m10: '最近 10 分钟', h1: '最近 1 小时', today: '今天',
    all: '全部', wechat_subscribe: '订阅消息', official_account: '公众号', customer_service: '客服', aliyun_sms: '阿里云短信', tencent_sms: '腾讯云短信',
    sms: '短信', accepted: '等待回执', delivered: '已送达', undelivered: '未送达',
    messages: '消息', reached: '已送达', failed: '未送达', refused: '被拒', cost: '短信费用',
    open: '进入小程序查看', openArticle: '阅读全文', service: '服务通知', official: '公众号', miniProgram: '小程序', allow: '允许再次提醒', reject: '拒收', unfollow: '取消关注',
    said_accept: '已允许再接收一次该提醒', said_reject: '已拒收该模板的消息', said_follow: '已关注公众号', said_unfollow: '已取消关注公众号', said_scan: '扫描了二维码',
    said_click: '点击了菜单', said_view: '点击了菜单链接', said_enter: '进入了客服会话', said_popup: '回应了订阅弹窗', said_change: '修改了订阅设置', said_revoke: '撤回了授权',
    said_event: '触发了事件', said_image: '发送了一张图片', opened: '打开了小程序页面',
    parts: n => `${n} 条`, characters: n => `${n} 字`, empty: '还没有消息。发送后会出现在这里。', nothing: '没有符合条件的消息', choose: '从左侧选择一位收件人',
    more: n => `另有 ${n} 位收件人，请搜索`, offline: '沙箱已停止', unknownTemplate: '微信消息', back: '返回', close: '关闭', path: '页面', parameters: '参数', none: '无',
    sheetNote: '点击卡片时小程序打开此页。', link: '链接',
  },
  en: {
    title: 'Demo inbox', notice: 'Invented people, unassigned numbers, nothing leaves this machine', otherLanguage: '中文',
    search: 'Search phone, openid or text', recipient: 'Recipient', period: 'Time', reply: 'Reply by SMS', chat: 'Write to customer service', send: 'Send', replyR: 'Reply R',
    anyTime: 'Any time', m10: 'Last 10 minutes', h1: 'Last hour', today: 'Today',
    all: 'All', wechat_subscribe: 'Subscribe', official_account: 'Account', customer_service: 'Chat', aliyun_sms: 'Aliyun SMS', tencent_sms: 'Tencent SMS',
    sms: 'SMS', accepted: 'awaiting receipt', delivered: 'delivered', undelivered: 'undelivered',
    messages: 'messages', reached: 'delivered', failed: 'undelivered', refused: 'refused', cost: 'SMS cost',
    open: 'Open in mini-program', openArticle: 'Read on', service: 'Service notice', official: 'Official account', miniProgram: 'Mini-program', allow: 'Allow again', reject: 'Turn off', unfollow: 'Unfollow',
    said_accept: 'One more of these is allowed', said_reject: 'This template is turned off', said_follow: 'Follows the account', said_unfollow: 'Does not follow the account any more', said_scan: 'Scanned a code',
    said_click: 'Tapped the menu', said_view: 'Tapped a menu link', said_enter: 'Entered the chat', said_popup: 'Answered the subscribe panel', said_change: 'Changed the subscribe settings', said_revoke: 'Withdrew a permission',
    said_event: 'Caused an event', said_image: 'Sent a picture', opened: 'Opened a page of the mini-program',
    parts: n => `${n} part${n === 1 ? '' : 's'}`, characters: n => `${n} characters`, empty: 'No messages yet. They appear here as they are sent.', nothing: 'No message fits', choose: 'Choose a recipient on the left',
    more: n => `${n} more recipients: search for them`, offline: 'The sandbox has stopped', unknownTemplate: 'WeChat message', back: 'Back', close: 'Close', path: 'Page', parameters: 'Parameters', none: 'none',
    sheetNote: 'A tap on the card opens this page of the mini-program.', link: 'Link',
  },
};
