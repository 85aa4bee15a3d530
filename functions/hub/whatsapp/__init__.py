"""Meta's WhatsApp JSON to events: shared by the Cloud API and by the providers that pass its payload through."""
