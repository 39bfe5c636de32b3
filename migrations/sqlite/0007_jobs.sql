-- What the server does by itself, whichever instance does it. A job is somebody's until its lease ends.
CREATE TABLE jobs (
    name TEXT NOT NULL PRIMARY KEY,
    next_due_at INTEGER NOT NULL,
    lease_holder TEXT,
    leased_until INTEGER,
    last_started_at INTEGER,
    last_finished_at INTEGER,
    -- Why it failed; none where it did not.
    last_error TEXT,
    CHECK ((lease_holder IS NULL) = (leased_until IS NULL))
) STRICT;
