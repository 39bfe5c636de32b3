-- Files that were imported: what was said of each, and the file as it was understood.
CREATE TABLE imports (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- None once the calendar is gone: what was wrong with the file is worth knowing still.
    calendar_id BIGINT REFERENCES calendars (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    -- As JSON.
    report TEXT NOT NULL,
    -- iCalendar, in gzip.
    repaired BYTEA NOT NULL,
    -- Of the two together.
    kept_bytes BIGINT NOT NULL
);

CREATE INDEX imports_of_user ON imports (user_id, id);
CREATE INDEX imports_of_calendar ON imports (calendar_id);
