"""Find sounds like an example in recordings."""
