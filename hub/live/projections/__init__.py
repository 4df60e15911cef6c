"""What each channel shows and who may see it: one object, in one file, for each kind of channels."""
