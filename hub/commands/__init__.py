"""The verbs: what a guest, a host or an operator does, one file a subject."""
