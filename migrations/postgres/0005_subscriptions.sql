-- Addresses elsewhere that calendars are read from: one row each, however many users subscribe to it. The columns are the
-- schedule too: what is due is claimed by a lease, which ends by itself when the server that holds it does.
CREATE TABLE remote_feeds (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    -- What two addresses are the same by, user name and password included.
    address_hash BYTEA NOT NULL CHECK (length(address_hash) = 32),
    -- Without user name and password.
    url TEXT NOT NULL,
    -- User name and password, sealed.
    credentials BYTEA,
    -- What the last good answer was, as its server and we tell it from others.
    etag TEXT,
    last_modified TEXT,
    content_hash BYTEA CHECK (content_hash IS NULL OR length(content_hash) = 32),
    -- One more with every good answer that differs from the one before.
    content_version BIGINT NOT NULL DEFAULT 0,
    -- What its reading found, as JSON.
    report TEXT,
    -- What of that its subscribers should know, in a sentence.
    notice TEXT,
    -- How often it wants to be asked for.
    refresh_minutes BIGINT,
    last_status TEXT NOT NULL CHECK (last_status IN ('pending', 'ok', 'failed', 'gone')),
    -- Why it failed.
    last_error TEXT,
    -- How often in a row it failed.
    failures BIGINT NOT NULL DEFAULT 0,
    last_tried_at BIGINT,
    last_good_at BIGINT,
    -- None: not by itself any more.
    next_due_at BIGINT,
    leased_until BIGINT,
    -- By which server.
    leased_by BIGINT,
    -- One more with every lease: what a lease that was lost is told by.
    lease BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    CONSTRAINT remote_feeds_address UNIQUE (address_hash)
);

CREATE INDEX remote_feeds_due ON remote_feeds (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE subscriptions (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calendar_id BIGINT NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    remote_feed_id BIGINT NOT NULL REFERENCES remote_feeds (id),
    -- Whether its owner gave the calendar a name; else it gets the feed's own.
    is_named BOOLEAN NOT NULL,
    -- How often its owner wants it; none: as the feed says.
    refresh_minutes BIGINT,
    -- Which content_version the calendar shows, and in which zone it was read.
    mirrored_version BIGINT NOT NULL DEFAULT 0,
    mirrored_zone TEXT,
    mirrored_at BIGINT,
    event_count BIGINT NOT NULL DEFAULT 0,
    -- Why the calendar does not show the present content.
    mirror_error TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT subscriptions_calendar UNIQUE (calendar_id),
    CONSTRAINT subscriptions_once UNIQUE (user_id, remote_feed_id)
);

CREATE INDEX subscriptions_of_feed ON subscriptions (remote_feed_id);
