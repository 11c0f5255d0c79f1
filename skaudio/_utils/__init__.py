"""What several folders share: files, hashes, random states, optional imports."""
