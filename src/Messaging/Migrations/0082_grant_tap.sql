-- Taps that were booked as grants. The mini-program and WeChat's push may both tell of one: within a minute of each other they are one tap. source: 1 mini-program, 2 push.
CREATE TABLE wechat_tap (
    member_id   BIGINT      NOT NULL,
    template_id VARCHAR(64) NOT NULL,
    at          BIGINT      NOT NULL,
    source      INT         NOT NULL,
    matched     INT         NOT NULL,
    PRIMARY KEY (member_id, template_id, at, source)
);
