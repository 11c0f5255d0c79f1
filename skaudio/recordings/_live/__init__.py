"""Events from a microphone, while it records."""
