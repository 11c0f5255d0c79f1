"""What was recorded: hours, dates, detection histories."""
