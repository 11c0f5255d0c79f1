"""From scores to events, and events against annotations."""
