"""The real deploy on the local emulator, driven only from outside: over HTTP and EventBridge."""
