"""What a person meets: the real application in real processes, opened in Chromium."""
