import { get, list, put } from '../../api/member';
import { dataset, definePage } from '../../page';

interface Preferences {
  kinds: Record<string, boolean>;
  channels: Record<string, boolean>;
  privateMode: boolean;
  largeText: boolean;
  origins?: Record<string, string>;
}

interface Grant {
  templateId: string;
  title: string;
  left: number;
  text: string;
}

const kindNames: Record<string, string> = {
  promotion: '优惠活动',
  birthday: '生日祝福',
  tip: '健康贴士',
  survey: '满意度问卷',
  refill: '续购提醒',
  dose: '服药提醒',
};

const channelNames: Record<string, string> = { wechat_subscribe: '微信提醒', sms: '短信', official_account: '公众号消息', customer_service: '客服消息' };

function rows(switches: Record<string, boolean>, names: Record<string, string>) {
  return Object.keys(switches).filter(key => names[key]).map(key => ({ key, name: names[key], on: switches[key] }));
}

/** Which messages a person wants, by which way, and how many reminders WeChat still allows us. */
definePage({
  data: { kinds: [] as { key: string; name: string; on: boolean }[], channels: [] as { key: string; name: string; on: boolean }[], privateMode: false, grants: [] as Grant[] },
  async load() {
    const [preferences, grants] = await Promise.all([get<Preferences>('/preferences'), list<Grant>('/grants')]);
    return { kinds: rows(preferences.kinds, kindNames), channels: rows(preferences.channels, channelNames), privateMode: preferences.privateMode, grants };
  },
  async turn(event: WechatMiniprogram.SwitchChange) {
    const { group, key } = dataset<{ group: 'kinds' | 'channels'; key: string }>(event);
    await this.act(() => put('/preferences', { [group]: { [key]: event.detail.value } }));
    await this.refresh();
  },
  async turnPrivate(event: WechatMiniprogram.SwitchChange) {
    await this.act(() => put('/preferences', { privateMode: event.detail.value }));
    await this.refresh();
  },
});
