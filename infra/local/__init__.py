"""renkei on one machine: the emulator, the real deploy, the stand-in platforms, the story."""
