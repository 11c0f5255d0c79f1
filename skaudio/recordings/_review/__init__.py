"""Windows for a person to check, and what follows from the verdicts."""
