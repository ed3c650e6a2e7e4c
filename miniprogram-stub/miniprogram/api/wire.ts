import { origin } from '../config';
import { Refusal } from './refusal';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sent {
  token?: string;
  body?: object;
  idempotencyKey?: string;
}

export interface Answer {
  status: number;
  body: unknown;
}

const timeout = 10_000;

/** One request and whatever was answered to it; only an unreachable server is an error. */
export function send(method: Method, path: string, sent: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    wx.request({
      url: address(path),
      // wx.request knows no PATCH: it travels as a POST that says so.
      method: method === 'PATCH' ? 'POST' : method,
      data: sent.body,
      timeout,
      header: headers(method, sent),
      success: answer => resolve({ status: answer.statusCode, body: answer.data }),
      fail: () => reject(Refusal.offline()),
    });
  });
}

/** Sends one file. */
export function upload(path: string, file: string, token: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    wx.uploadFile({
      url: address(path),
      filePath: file,
      name: 'file',
      header: { authorization: `Bearer ${token}` },
      success: answer => resolve({ status: answer.statusCode, body: parsed(answer.data) }),
      fail: () => reject(Refusal.offline()),
    });
  });
}

export function address(path: string): string {
  return `${origin}/api/member${path}`;
}

function headers(method: Method, sent: Sent): Record<string, string> {
  const all: Record<string, string> = { 'accept-language': 'zh-CN' };
  if (method === 'PATCH') all['x-http-method-override'] = 'PATCH';
  if (sent.body) all['content-type'] = 'application/json';
  if (sent.token) all.authorization = `Bearer ${sent.token}`;
  if (sent.idempotencyKey) all['idempotency-key'] = sent.idempotencyKey;
  return all;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy answered with a page of its own: the status says enough.
    return null;
  }
}
