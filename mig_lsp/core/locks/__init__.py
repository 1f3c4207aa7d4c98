"""What statements lock, for how long, and why."""
