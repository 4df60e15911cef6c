"""The HTTP connection below the handlers: who is at its other end, what may come over it, and how long it may take."""
