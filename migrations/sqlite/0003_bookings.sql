-- What ties the copies of one meeting together, each in the calendar of one participant. One that expires is a hold: its
-- copies take time until then only.
CREATE TABLE meetings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organizer_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX meetings_of_organizer ON meetings (organizer_id);
CREATE INDEX meetings_by_expiry ON meetings (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE events ADD COLUMN meeting_id INTEGER REFERENCES meetings (id) ON DELETE SET NULL;

CREATE INDEX events_of_meeting ON events (meeting_id) WHERE meeting_id IS NOT NULL;

-- Answers to requests with an Idempotency-Key.
CREATE TABLE kept_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT kept_answers_key UNIQUE (user_id, idempotency_key)
) STRICT;

CREATE INDEX kept_answers_by_age ON kept_answers (created_at);
