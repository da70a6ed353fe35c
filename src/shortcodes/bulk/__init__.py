"""Many posts at once."""
