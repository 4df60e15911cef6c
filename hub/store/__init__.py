"""The only SQL: the pools, what a refusal of PostgreSQL means, how a change is committed, and one file of queries a
subject, whose functions are named by what they answer."""
