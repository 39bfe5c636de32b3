CREATE TABLE calendars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    description TEXT NOT NULL,
    timezone TEXT NOT NULL,
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind IN ('local', 'subscription')),
    counts_as_busy INTEGER NOT NULL CHECK (counts_as_busy IN (0, 1)),
    -- The ctag: one more with every change inside.
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX calendars_of_user ON calendars (user_id);
CREATE UNIQUE INDEX calendars_one_default ON calendars (user_id) WHERE is_default;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id INTEGER NOT NULL REFERENCES calendars (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    -- The index of the object below. Instants are microseconds since the epoch; a last_end of 9223372036854775807 is
    -- that of an endless series.
    first_start INTEGER NOT NULL,
    last_end INTEGER NOT NULL CHECK (last_end >= first_start),
    -- What a plain single event is in a search: 0 nothing, 1 busy, 2 tentative.
    busy_type INTEGER NOT NULL CHECK (busy_type IN (0, 1, 2)),
    transparent INTEGER NOT NULL CHECK (transparent IN (0, 1)),
    sequence INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- All that a search needs of anything but a plain single event, as JSON.
    source TEXT,
    title TEXT NOT NULL,
    search_text TEXT NOT NULL,
    -- The stored truth: the calendar object, as iCalendar text.
    object TEXT NOT NULL,
    CONSTRAINT events_uid UNIQUE (calendar_id, uid)
) STRICT;

-- Two indexes, so that a window reads only what lies near it: events of up to 31 days are found by their start, which
-- is then within 31 days of the window; the few longer ones (series, above all) by their end.
CREATE INDEX events_by_start ON events (calendar_id, first_start, last_end);
CREATE INDEX events_long ON events (calendar_id, last_end, first_start)
    WHERE last_end > first_start + 2678400000000;
