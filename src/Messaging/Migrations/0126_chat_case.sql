-- wechat_chat.state 6 and sms_reply.state 3: it is in the thread of a service case, and answered there. The chats of one person are looked up when the case is answered.
CREATE INDEX ix_wechat_chat_person ON wechat_chat (account, openid, said_at);
