"""Where channels get the state that they show, and how it is kept current."""
