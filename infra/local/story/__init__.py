"""The story: one person on four platforms, told by what the platforms send."""
