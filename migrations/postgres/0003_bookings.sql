-- What ties the copies of one meeting together, each in the calendar of one participant. One that expires is a hold: its
-- copies take time until then only.
CREATE TABLE meetings (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    organizer_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX meetings_of_organizer ON meetings (organizer_id);
CREATE INDEX meetings_by_expiry ON meetings (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE events ADD COLUMN meeting_id BIGINT REFERENCES meetings (id) ON DELETE SET NULL;

CREATE INDEX events_of_meeting ON events (meeting_id) WHERE meeting_id IS NOT NULL;

-- Answers to requests with an Idempotency-Key.
CREATE TABLE kept_answers (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL CHECK (length(request_hash) = 32),
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT kept_answers_key UNIQUE (user_id, idempotency_key)
);

CREATE INDEX kept_answers_by_age ON kept_answers (created_at);
