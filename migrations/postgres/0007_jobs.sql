-- What the server does by itself, whichever instance does it. A job is somebody's until its lease ends.
CREATE TABLE jobs (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next_due_at BIGINT NOT NULL,
    lease_holder TEXT,
    leased_until BIGINT,
    last_started_at BIGINT,
    last_finished_at BIGINT,
    -- Why it failed; none where it did not.
    last_error TEXT,
    CHECK ((lease_holder IS NULL) = (leased_until IS NULL))
);
