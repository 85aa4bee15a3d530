"""One folder per platform; the registry is the folder (see hub.connector)."""
