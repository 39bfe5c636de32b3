CREATE TABLE feeds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    detail TEXT NOT NULL CHECK (detail IN ('full', 'busy')),
    -- All calendars that the user has at the time; else those of feed_calendars.
    all_calendars INTEGER NOT NULL CHECK (all_calendars IN (0, 1)),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    -- What the UIDs of busy blocks are made with.
    uid_key BLOB NOT NULL CHECK (length(uid_key) = 32),
    version INTEGER NOT NULL DEFAULT 1,
    -- What was last given out, in a word, and since when.
    state TEXT NOT NULL DEFAULT '',
    state_since INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    use_count INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER,
    last_used_by TEXT,
    CONSTRAINT feeds_secret_hash UNIQUE (secret_hash)
) STRICT;

CREATE INDEX feeds_of_user ON feeds (user_id);

CREATE TABLE feed_calendars (
    feed_id INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
    calendar_id INTEGER NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    PRIMARY KEY (feed_id, calendar_id)
) STRICT;

CREATE INDEX feed_calendars_of_calendar ON feed_calendars (calendar_id);
