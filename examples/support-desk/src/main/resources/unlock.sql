SELECT pg_advisory_unlock(4000);
