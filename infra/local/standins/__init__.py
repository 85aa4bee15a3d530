"""Stand-ins for the platforms: small servers that behave, and refuse, as the platforms document."""
