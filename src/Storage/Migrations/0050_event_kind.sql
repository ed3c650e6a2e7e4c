-- Events have several consumers now, each with kinds of its own: it looks for what is due among them.
DROP INDEX ix_event_next ON event;
CREATE INDEX ix_event_due ON event (kind, next_at);
