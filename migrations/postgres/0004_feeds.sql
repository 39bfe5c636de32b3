CREATE TABLE feeds (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    detail TEXT NOT NULL CHECK (detail IN ('full', 'busy')),
    -- All calendars that the user has at the time; else those of feed_calendars.
    all_calendars BOOLEAN NOT NULL,
    secret_hash BYTEA NOT NULL CHECK (length(secret_hash) = 32),
    -- What the UIDs of busy blocks are made with.
    uid_key BYTEA NOT NULL CHECK (length(uid_key) = 32),
    version BIGINT NOT NULL DEFAULT 1,
    -- What was last given out, in a word, and since when.
    state TEXT NOT NULL DEFAULT '',
    state_since BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    use_count BIGINT NOT NULL DEFAULT 0,
    last_used_at BIGINT,
    last_used_by TEXT,
    CONSTRAINT feeds_secret_hash UNIQUE (secret_hash)
);

CREATE INDEX feeds_of_user ON feeds (user_id);

CREATE TABLE feed_calendars (
    feed_id BIGINT NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
    calendar_id BIGINT NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    PRIMARY KEY (feed_id, calendar_id)
);

CREATE INDEX feed_calendars_of_calendar ON feed_calendars (calendar_id);
