-- The table in which the runner keeps one row per attempt to run a migration.
-- mig-lsp only ever reads it. The runner creates it on its first run.
CREATE TABLE IF NOT EXISTS migration_log (
    id            serial PRIMARY KEY,
    step_number   integer NOT NULL,
    description   text NOT NULL,                         -- the migration's file name
    sql_executed  text,
    status        varchar(20) DEFAULT 'pending',         -- 'completed' or 'failed' once the attempt is over
    error_message text,
    executed_at   timestamp DEFAULT current_timestamp    -- UTC
);
