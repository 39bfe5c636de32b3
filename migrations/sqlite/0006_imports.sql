-- Files that were imported: what was said of each, and the file as it was understood.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- None once the calendar is gone: what was wrong with the file is worth knowing still.
    calendar_id INTEGER REFERENCES calendars (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    -- As JSON.
    report TEXT NOT NULL,
    -- iCalendar, in gzip.
    repaired BLOB NOT NULL,
    -- Of the two together.
    kept_bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX imports_of_user ON imports (user_id, id);
CREATE INDEX imports_of_calendar ON imports (calendar_id);
