"""What a process holds of the database, and how it is kept current."""
