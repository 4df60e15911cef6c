"""The only plumbing of SQL: the pools, what a refusal of PostgreSQL means, and queries that several parts use."""
