"""Settings, database, clock and calendar, ids, actor, events, jobs, errors: what every room stands on."""
